"""What the API's answers mean: every documented one, and nothing made up for the others."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.serveravatar.catalogue import (
    CATALOGUE,
    PROVES_NOTHING,
    STATUSES,
    Meaning,
    Row,
    StatusRow,
    is_acceptance,
    meaning_of,
    normalized,
)

M = Meaning
DISK = "Instant Backup is failed because you do not have enough disk space available on your server."


@pytest.mark.parametrize(
    ("status", "message", "meaning"),
    [
        # The seed's list of responses, in its order.
        (200, "Backup plan created successfully.", M.ACCEPTED),
        (200, "Backup Process has been started successfully!", M.ACCEPTED),
        (404, "Organization not found!", M.REFUSED),
        (404, "Application not found!", M.REFUSED),
        (404, "Cloud storage Provider not found!", M.REFUSED),
        (404, "Database not found!", M.REFUSED),
        (500, "Invalid schedule!", M.REFUSED),
        (500, "Start from choose future date!", M.REFUSED),
        (500, DISK, M.REFUSED_FOR_NOW),
        (500, "Invalid retention period!", M.REFUSED),
        (404, "Server not found!", M.REFUSED),
        (500, "Something went really wrong!", M.IN_DOUBT),
        # The other documented statuses.
        (401, "Unauthenticated.", M.TOKEN_REFUSED),
        (403, "This action is unauthorized.", M.FORBIDDEN),
        (405, "The PUT method is not supported for this route.", M.REFUSED),
        (422, "The given data was invalid.", M.REFUSED),
        (429, "Too Many Attempts.", M.RATE_LIMITED),
        (503, "Service Unavailable", M.GATEWAY),
        # Gateways, and what is documented nowhere.
        (502, "", M.GATEWAY),
        (504, "", M.GATEWAY),
        (500, "", M.GATEWAY),
        (500, "Server Error", M.IN_DOUBT),
        (501, "Invalid schedule!", M.IN_DOUBT),
        (521, "", M.GATEWAY),
        (408, "", M.IN_DOUBT),
        (400, "", M.GATEWAY),
        (400, "Bad Request", M.REFUSED),
        (409, "Conflict", M.REFUSED),
        (302, "", M.MOVED),
        (301, "", M.MOVED),
        (201, "Backup plan created successfully.", M.ACCEPTED),
        (200, "", M.IN_DOUBT),
        (204, "", M.IN_DOUBT),
        (200, "Something went really wrong!", M.IN_DOUBT),
        (200, "Unauthenticated.", M.TOKEN_REFUSED),
        # Other writing calls.
        (500, "Your server is not connected.", M.REFUSED_FOR_NOW),
        (500, "You can not perform this action!", M.REFUSED),
        (500, "Something went wrong.", M.IN_DOUBT),
    ],
)
def test_what_an_answer_means(status: int, message: str, meaning: Meaning) -> None:
    assert meaning_of(status, message) is meaning


@pytest.mark.parametrize("row", CATALOGUE, ids=lambda row: row.message)
def test_every_row_means_what_it_says_and_has_a_source(row: Row) -> None:
    assert all(meaning_of(status, row.message) is row.meaning for status in row.statuses)
    assert row.source.startswith(("seed: ", "api: ", "undocumented: "))


@pytest.mark.parametrize("row", STATUSES, ids=lambda row: f"{min(row.statuses)} {row.of_the_api}")
def test_every_row_of_statuses_decides_something_and_has_a_source(row: StatusRow) -> None:
    messages = {None: ("", "x"), True: ("x",), False: ("",)}[row.of_the_api]
    assert any(meaning_of(status, message) is row.meaning for status in row.statuses for message in messages)
    assert row.source.startswith(("seed: ", "api: ", "undocumented: "))


def test_no_message_stands_twice_with_different_meanings() -> None:
    meanings: dict[str, Meaning] = {}
    for row in CATALOGUE:
        assert meanings.setdefault(normalized(row.message), row.meaning) is row.meaning


@pytest.mark.parametrize("change", [str.upper, str.lower, str.strip, lambda text: f"  {text} ", str.title])
@pytest.mark.parametrize("row", [row for row in CATALOGUE if row.statuses == (500,)], ids=lambda row: row.message)
def test_how_a_message_is_written_does_not_matter(row: Row, change: Callable[[str], str]) -> None:
    assert meaning_of(500, change(row.message)) is row.meaning
    bare = row.message.rstrip("!.")
    assert all(meaning_of(500, bare + end) is row.meaning for end in ("", "!", ".", "...", " !"))


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("Application not found!", "application not found."),
        ("Something  went\nreally wrong!", "Something went really wrong"),
        ("Cloud storage Provider not found!", "Cloud storage provider not found."),
    ],
)
def test_the_spellings_of_the_api_are_one(text: str, same: str) -> None:
    assert normalized(text) == normalized(same)


REFUSALS = {normalized(row.message) for row in CATALOGUE if row.meaning is M.REFUSED}


@given(status=st.integers(500, 599), message=st.text() | st.sampled_from([row.message for row in CATALOGUE]))
def test_no_5xx_but_those_of_the_catalogue_is_ever_a_refusal(status: int, message: str) -> None:
    meaning = meaning_of(status, message)
    if meaning is M.REFUSED:
        assert status == 500
        assert normalized(message) in REFUSALS
    assert meaning is not M.ACCEPTED


@given(message=st.text())
def test_an_unknown_message_of_a_500_is_in_doubt(message: str) -> None:
    known = {normalized(row.message) for row in CATALOGUE}
    if message and normalized(message) not in known and "disk space" not in message.casefold():
        assert meaning_of(500, message) is M.IN_DOUBT


@given(status=st.integers(100, 599), message=st.text())
def test_nothing_is_accepted_but_a_2xx_that_says_so(status: int, message: str) -> None:
    assert (meaning_of(status, message) is M.ACCEPTED) == (200 <= status < 300 and is_acceptance(message))
    assert (meaning_of(status, "Backup plan created successfully.") is M.ACCEPTED) == (200 <= status < 300)


def test_not_applied_is_only_what_proves_it() -> None:
    """What may be sent again without a look, or ends a target: no 5xx but a documented refusal, no 2xx, no gateway."""
    not_applied = frozenset(M) - PROVES_NOTHING - {M.ACCEPTED}
    for status in range(100, 1000):
        for message in ("", "anything", "Backup plan created successfully."):
            decided = meaning_of(status, message) in not_applied
            assert decided == (
                status in {401, 429} or (400 <= status < 500 and bool(message) and status not in {408, 425})
            )


@pytest.mark.parametrize("message", ["Not enough Disk Space left.", f"Sorry. {DISK}"])
def test_a_full_disk_is_known_in_other_words_too(message: str) -> None:
    assert meaning_of(500, message) is M.REFUSED_FOR_NOW


def test_a_success_message_with_a_500_is_no_success() -> None:
    assert meaning_of(500, "Backup plan created successfully.") is M.IN_DOUBT
