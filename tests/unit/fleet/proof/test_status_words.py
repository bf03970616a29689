"""What a word of status speaks of: failing and waiting in any dress, and nothing where nobody knows."""

import string

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from fleet.proof.status_words import StatusMeaning, meaning_of, normalized

FAILURE = [
    "Failed",
    "Failure",
    "Upload failed",
    "Completed with errors",
    "ERROR",
    "err",
    "Cancelled",
    "Canceled",
    "aborted",
    "Rejected",
    "Access denied",
    "Connection refused",
    "killed",
    "Crashed",
    "Corrupt",
    "Invalid archive",
    "broken",
    "Unsuccessful",
    "Unable to upload",
    "Missing",
    "Expired",
    "Deleted",
    "Removed",
    "Terminated",
    "Interrupted",
    "Stopped",
    "Timed out",
    "time-out",
    "timeout",
    "Lost",
    "Not completed",
    "not finished",
    "no success",
]
WAITING = [
    "In Progress",
    "Pending",
    "Queued",
    "In queue",
    "Uploading",
    "Processing",
    "running",
    "Waiting",
    "Scheduled",
    "Partial",
    "Partially done",
    "Incomplete",
    "Unfinished",
    "Initialized",
    "Started",
    "New",
    "Created",
    "On hold",
    "Paused",
    "Retry",
    "Run",
    "Begun",
    "Active",
    "Soon",
    "Half",
    "some",
]
NOTHING = [
    "Completed without errors",
    "No errors",
    "0 failures",
    "success",
    "Succeeded",
    "Finished",
    "Done",
    "OK",
    "Ready",
    "Fertig",
    "stored",
    "完了",
    "7",
    "Zufrieden",
]
DONE = ["Completed", "completed", " COMPLETED ", "completed.", "_Completed_"]
CASES = [
    *((word, StatusMeaning.FAILURE) for word in FAILURE),
    *((word, StatusMeaning.WAITING) for word in WAITING),
    *((word, StatusMeaning.UNKNOWN) for word in [*NOTHING, "", " ", "...", None]),
    *((word, StatusMeaning.DONE) for word in DONE),
]
SEPARATORS = st.sampled_from([" ", "_", "-", "  ", " - ", "."])


@pytest.mark.parametrize(("word", "speech"), CASES)
def test_what_a_word_speaks_of(word: str | None, speech: StatusMeaning) -> None:
    assert meaning_of(word) is speech


@given(
    st.sampled_from([case for case in CASES if case[0]]), SEPARATORS, st.sampled_from([str.upper, str.lower, str.title])
)
def test_case_and_separators_are_of_no_account(
    case: tuple[str, StatusMeaning], separator: str, dressed: object
) -> None:
    word, speech = case
    assert callable(dressed)
    assert meaning_of(f"{separator}{dressed(word.replace(' ', separator))}{separator}") is speech


@given(st.text(string.ascii_letters + "äöüß", min_size=1, max_size=14))
def test_a_word_drawn_at_random_never_means_that_a_backup_is_done(word: str) -> None:
    assume(normalized(word) != "completed")
    assert meaning_of(word) is not StatusMeaning.DONE


@given(st.text("qxjvkyzw", min_size=1, max_size=12))
def test_a_word_that_nobody_knows_speaks_of_nothing(word: str) -> None:
    assert meaning_of(word) is StatusMeaning.UNKNOWN


@given(st.sampled_from(FAILURE), st.sampled_from([*NOTHING, *DONE]))
def test_what_speaks_of_failing_is_no_good_whatever_stands_beside_it(bad: str, other: str) -> None:
    assert meaning_of(f"{other} {bad}") is StatusMeaning.FAILURE


@example("İ" * 20)
@given(st.text())
def test_a_folded_word_is_its_own_and_holds_no_separators(word: str) -> None:
    once = normalized(word)
    assert normalized(once) == once
    assert "  " not in once
    assert once == once.strip()
