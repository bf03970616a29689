"""The protocol, transition by transition: what may be sent, what must be looked for first, what is over."""

from dataclasses import replace

import pytest

from fleet.ledger.entry import (
    Entry,
    ended,
    expired,
    found,
    not_found,
    proven,
    reopened,
    sending,
    sent_again,
    sought_of,
)
from fleet.ledger.next_step import Step, next_step
from fleet.proof.absence import Looked
from fleet.proof.proof import Completion, Evidence, Proof
from fleet.proof.sought import NOTHING_KNOWN, Mark, Sought
from fleet.report.outcome import Outcome
from fleet.serveravatar.catalogue import PROVES_NOTHING, Meaning, meaning_of
from tests.unit.fleet.builders import backup, target
from tests.unit.fleet.ledger.attempts import (
    BODY,
    INSTANT,
    KEY,
    LATER,
    MARK,
    NOTHING,
    NOW,
    PLAN,
    RESEND,
    RULES,
    after,
    fresh,
    sent,
)

MAY_BE_IT = Looked(candidates=(321,))


# Sending.


@pytest.mark.parametrize("automatic", [INSTANT, PLAN])
def test_sending_presumes_that_it_will_be_applied(automatic: bool) -> None:
    entry = sent(automatic)
    assert (entry.attempts, entry.doubtful, entry.sent_at, entry.before) == (1, True, NOW, MARK)
    assert entry.outcome is None
    assert not entry.is_settled


def test_a_second_attempt_keeps_the_mark_of_the_first_so_that_the_first_is_still_recognised() -> None:
    again = sending(after(Meaning.IN_DOUBT), LATER, Mark(500, 90), BODY)
    assert (again.attempts, again.before, again.sent_at) == (2, MARK, LATER)


def test_what_was_broken_is_marked_anew_and_never_recognised_again() -> None:
    """Also where the first page of the list, from which the mark comes, did not show the broken one."""
    broken = proven(after(Meaning.ACCEPTED), Outcome.UNVERIFIED, Proof(Completion.BAD, "empty", 321))
    assert broken.broken
    assert sending(broken, LATER, Mark(500, 90), BODY).before == Mark(500, 90)
    again = sending(broken, LATER, Mark(7, 90), BODY)
    assert again.before == Mark(321, 90)
    assert (again.broken, again.backup_id, again.outcome) == (False, None, None)


def test_what_the_fleet_file_asks_for_now_is_sent_and_recorded() -> None:
    """A refused body that was mended in the fleet file must not be sent unmended for ever: no key tells them apart."""
    mended = {"type": "application", "retention_period": "1 Month"}
    assert sending(after(Meaning.REFUSED, PLAN), LATER, MARK, mended).request == mended


# "The 500s" of the design, row by row: the answer, and what it does to the entry and to what comes next.

KNOWN_REFUSALS = ["Invalid schedule!", "Start from choose future date!", "Invalid retention period!"]
DISK = "Instant Backup is failed because you do not have enough disk space available on your server."

ROWS = [
    # status, message, doubtful, outcome, next of an instant backup, next of a plan
    pytest.param(
        200, "Backup Process has been started successfully!", False, Outcome.CREATED, "done", "done", id="200"
    ),
    pytest.param(401, "Unauthenticated.", False, None, "send", "send", id="401"),
    pytest.param(403, "Forbidden", False, Outcome.REJECTED, "send", "send", id="403"),
    pytest.param(403, "", True, None, "look", "look", id="403 of a gateway"),
    *(
        pytest.param(status, "Server not found!", False, Outcome.REJECTED, "send", "send", id=str(status))
        for status in (404, 405, 422)
    ),
    *(pytest.param(500, words, False, Outcome.REJECTED, "send", "send", id=f"500 {words}") for words in KNOWN_REFUSALS),
    pytest.param(500, DISK, False, Outcome.REJECTED, "send", "send", id="500 disk"),
    pytest.param(429, "Too Many Attempts.", False, None, "send", "send", id="429"),
    pytest.param(503, "Service Unavailable", True, None, "look", "look", id="503"),
    pytest.param(200, "Something went really wrong!", True, None, "look", "look", id="200 really wrong"),
    pytest.param(200, "", True, None, "look", "look", id="200 without a message"),
    pytest.param(302, "", True, None, "look", "look", id="302"),
    pytest.param(502, "Bad Gateway", True, None, "look", "look", id="502"),
    pytest.param(504, "Gateway Time-out", True, None, "look", "look", id="504"),
    pytest.param(500, "Something went really wrong!", True, None, "look", "look", id="500 really wrong"),
    pytest.param(500, "Server Error", True, None, "look", "look", id="500 unknown"),
    pytest.param(500, "", True, None, "look", "look", id="500 empty"),
    pytest.param(520, "", True, None, "look", "look", id="520"),
    pytest.param(408, "", True, None, "look", "look", id="408"),
]


@pytest.mark.parametrize(("status", "message", "doubtful", "outcome", "instant_next", "plan_next"), ROWS)
def test_an_answer_to_a_first_attempt(
    status: int, message: str, doubtful: bool, outcome: Outcome | None, instant_next: str, plan_next: str
) -> None:
    for automatic, expected in ((INSTANT, instant_next), (PLAN, plan_next)):
        entry = after(meaning_of(status, message), automatic)
        assert (entry.doubtful, entry.outcome) == (doubtful, outcome)
        assert next_step(entry, LATER, RULES, looked=None) == expected
        assert entry.reason == ("" if outcome is Outcome.CREATED else "words")


@pytest.mark.parametrize(("status", "message", "doubtful", "outcome", "instant_next", "plan_next"), ROWS)
def test_an_answer_after_an_attempt_in_doubt_never_ends_the_doubt_of_that_unless_it_accepts(
    status: int, message: str, doubtful: bool, outcome: Outcome | None, instant_next: str, plan_next: str
) -> None:
    del doubtful, instant_next, plan_next
    for automatic in (INSTANT, PLAN):
        entry = after(meaning_of(status, message), automatic, doubtful_before=True)
        assert entry.doubtful is (outcome is not Outcome.CREATED)
        expected = Step.DONE if outcome is Outcome.CREATED else Step.LOOK
        assert next_step(entry, LATER, RULES, looked=None) is expected


@pytest.mark.parametrize("meaning", Meaning)
def test_an_answer_that_proves_nothing_gives_the_list_time_from_when_it_came(meaning: Meaning) -> None:
    entry = after(meaning)
    assert entry.sent_at == (NOW + 1 if meaning in PROVES_NOTHING else NOW)


# What a look shows.


FIRST, SECOND = (backup(number, backup_config_id=55) for number in (321, 322))
NAMED = Looked([FIRST], Evidence.NAMED, names_shown=True)
PLACED = Looked([FIRST], Evidence.PLACED, "placed: backup 321 shows no name")


@pytest.mark.parametrize("looked", [NAMED, PLACED])
def test_what_is_found_is_adopted_and_over(looked: Looked) -> None:
    entry = found(after(Meaning.IN_DOUBT), looked)
    assert (entry.outcome, entry.doubtful, entry.reason) == (Outcome.ADOPTED, False, looked.words)
    assert (entry.backup_id, entry.plan_id, entry.looked, entry.evidence) == (321, 55, 1, looked.evidence)
    assert next_step(entry, LATER, RESEND, NOTHING) is Step.DONE


@pytest.mark.parametrize(
    ("looked", "doubtful", "plan_id"),
    [
        (PLACED, True, None),
        (replace(PLACED, names_shown=True), True, 55),  # An instant backup would show its name.
        (replace(PLACED, rows=[FIRST, SECOND]), False, 55),
    ],
)
def test_a_plan_that_one_backup_alone_stands_for_is_adopted_and_stays_in_doubt(
    looked: Looked, doubtful: bool, plan_id: int | None
) -> None:
    entry = found(after(Meaning.IN_DOUBT, PLAN), looked)
    assert (entry.outcome, entry.doubtful, entry.plan_id, entry.backup_id) == (Outcome.ADOPTED, doubtful, plan_id, 321)
    assert entry.reason == ("backup 321 may be its first; a second one will confirm it" if doubtful else "")
    assert entry.is_settled
    assert next_step(entry, 10**9, RESEND, NOTHING) is Step.DONE


def test_a_plan_whose_one_backup_was_somebody_elses_is_in_doubt_again_and_that_one_is_not_taken_twice() -> None:
    entry = reopened(found(after(Meaning.IN_DOUBT, PLAN), PLACED))
    assert (entry.outcome, entry.doubtful, entry.backup_id, entry.plan_id) == (None, True, None, None)
    assert entry.before == replace(MARK, backup=321)
    assert next_step(entry, LATER, RULES, None) is Step.LOOK


def test_a_plan_id_that_is_known_stays_known() -> None:
    nameless = replace(PLACED, rows=[backup(321, backup_config_id=None)])
    assert found(replace(sent(PLAN), plan_id=55), nameless).plan_id == 55


@pytest.mark.parametrize(
    ("entry", "accepted"),
    [
        (fresh(), False),
        (sent(), False),
        (after(Meaning.IN_DOUBT), False),
        (after(Meaning.REFUSED), False),
        (after(Meaning.ACCEPTED), True),
        (found(after(Meaning.IN_DOUBT), NAMED), True),
        (found(after(Meaning.IN_DOUBT, PLAN), PLACED), False),
    ],
)
def test_what_is_looked_for_is_what_was_sent(entry: Entry, accepted: bool) -> None:
    each = sought_of(entry, target())
    assert each == Sought(KEY, target(), entry.before, entry.sent_at, accepted, entry.attempts)


@pytest.mark.parametrize("outcome", [Outcome.EXHAUSTED, Outcome.IN_DOUBT, Outcome.REJECTED])
def test_a_bad_end_says_why_and_keeps_the_doubt(outcome: Outcome) -> None:
    entry = ended(after(Meaning.IN_DOUBT), outcome, "no answer")
    assert (entry.outcome, entry.reason, entry.doubtful) == (outcome, "no answer", True)


# Proof.


@pytest.mark.parametrize(
    ("completion", "automatic", "broken"),
    [
        (Completion.COMPLETE, INSTANT, False),
        (Completion.PENDING, INSTANT, False),
        (Completion.BAD, INSTANT, True),
        (Completion.COMPLETE, PLAN, False),
        (Completion.PENDING, PLAN, False),
        (Completion.BAD, PLAN, False),
    ],
)
def test_a_broken_backup_is_made_anew_but_the_plan_of_a_broken_one_is_there(
    completion: Completion, automatic: bool, broken: bool
) -> None:
    outcome = Outcome.VERIFIED if completion is Completion.COMPLETE else Outcome.UNVERIFIED
    entry = proven(after(Meaning.ACCEPTED, automatic), outcome, Proof(completion, "why", 321))
    assert (entry.broken, entry.backup_id, entry.outcome, entry.reason) == (broken, 321, outcome, "why")
    assert next_step(entry, LATER, RULES, looked=None) is (Step.SEND if broken else Step.DONE)


def test_a_create_that_was_held_back_is_given_its_time_from_when_it_left() -> None:
    assert sent_again(sent(), LATER) == replace(sent(), sent_at=LATER)
    assert next_step(sent_again(sent(), LATER), LATER, RULES, None) is Step.WAIT


@pytest.mark.parametrize("evidence", [None, *Evidence])
def test_by_what_it_was_proven_is_on_record(evidence: Evidence | None) -> None:
    adopted = found(after(Meaning.IN_DOUBT), NAMED)
    entry = proven(adopted, Outcome.VERIFIED, Proof(Completion.COMPLETE, "", 321, note="odd", evidence=evidence))
    assert (entry.evidence, entry.reason) == (evidence or Evidence.NAMED, "odd")


def test_one_that_is_not_certainly_what_was_asked_for_is_not_made_again() -> None:
    doubtful = proven(after(Meaning.ACCEPTED), Outcome.UNVERIFIED, Proof(Completion.DOUBTFUL, "shows as 0 MB", 321))
    assert (doubtful.broken, next_step(doubtful, LATER, RULES, None)) == (False, Step.DONE)


def test_what_was_made_twice_is_on_record() -> None:
    entry = proven(after(Meaning.ACCEPTED), Outcome.VERIFIED, Proof(Completion.COMPLETE, "", 9, (7, 9)))
    assert entry.reason == "made 2 times, backups 7, 9: delete all but one"
    assert entry.is_settled


def test_a_backup_that_has_not_shown_keeps_the_id_that_is_known() -> None:
    adopted = found(after(Meaning.IN_DOUBT), NAMED)
    assert proven(adopted, Outcome.UNVERIFIED, Proof()).backup_id == 321


def test_an_entry_that_was_never_sent_knows_nothing_of_the_list() -> None:
    assert fresh().before == NOTHING_KNOWN


# Windows.


def test_what_expired_unsent_is_sent_by_a_later_run_of_the_key() -> None:
    entry = expired(fresh(), "closed", doubtful_before=False)
    assert (entry.outcome, entry.reason, entry.attempts) == (Outcome.EXPIRED, "closed", 0)
    assert next_step(entry, LATER, RULES, looked=None) is Step.SEND


def test_what_was_in_doubt_when_its_window_closed_is_looked_for_first() -> None:
    entry = expired(not_found(after(Meaning.IN_DOUBT)), "closed", doubtful_before=True)
    assert entry.outcome is Outcome.IN_DOUBT
    assert next_step(entry, LATER, RULES, looked=None) is Step.LOOK
    assert next_step(entry, LATER, RULES, looked=NOTHING) is Step.SEND
    assert next_step(entry, LATER, RULES, looked=MAY_BE_IT) is Step.ASK


def test_a_429_that_was_waited_for_until_the_window_closed_leaves_no_doubt() -> None:
    entry = expired(sent(), "closed", doubtful_before=False)
    assert (entry.outcome, entry.doubtful) == (Outcome.EXPIRED, False)
