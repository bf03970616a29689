"""The protocol, transition by transition: what may be sent, what must be looked for first, what is over."""

from dataclasses import replace
from typing import Any

import pytest

from fleet.ledger.entry import (
    Entry,
    Step,
    answered,
    ended,
    expired,
    found,
    next_step,
    not_found,
    proven,
    reopened,
    sending,
    sent_again,
    settled_at,
    sought_of,
)
from fleet.proof.absence import GENEROUS, Looked, Rules
from fleet.proof.proof import Completion, Evidence, Proof
from fleet.proof.sought import NOTHING_KNOWN, Mark, Sought
from fleet.report.outcome import Outcome
from fleet.serveravatar.catalogue import PROVES_NOTHING, Meaning, meaning_of
from tests.unit.fleet.builders import backup, target

BODY = {"type": "application"}
NOW = 1_000_000.0
MARK = Mark(100, 40, exact=True)
RULES = Rules(settle_seconds=5.0)
KEY = "00000000deadbeef"
RESEND = Rules(settle_seconds=5.0, resend_plans=frozenset({KEY}))
LATER = NOW + 60
NOTHING = Looked()
"""A look that has read the whole list, and shown nothing that may be it."""
INSTANT, PLAN = False, True


def fresh(automatic: bool = INSTANT, **changes: Any) -> Entry:
    return replace(Entry(KEY, "nightly", automatic, request=BODY), **changes)


def sent(automatic: bool = INSTANT) -> Entry:
    return sending(fresh(automatic), NOW, MARK, BODY)


def after(meaning: Meaning, automatic: bool = INSTANT, *, doubtful_before: bool = False) -> Entry:
    return answered(sent(automatic), meaning, "words", NOW + 1, doubtful_before=doubtful_before)


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


# What is next.


@pytest.mark.parametrize("automatic", [INSTANT, PLAN])
def test_a_fresh_entry_is_sent(automatic: bool) -> None:
    assert next_step(fresh(automatic), NOW, RULES, looked=None) is Step.SEND


@pytest.mark.parametrize("automatic", [INSTANT, PLAN])
@pytest.mark.parametrize("outcome", [None, *Outcome])
@pytest.mark.parametrize("looked", [None, NOTHING])
def test_only_what_exists_is_settled(automatic: bool, outcome: Outcome | None, looked: Looked | None) -> None:
    step = next_step(fresh(automatic, outcome=outcome, attempts=1), LATER, RESEND, looked=looked)
    exists = {Outcome.CREATED, Outcome.VERIFIED, Outcome.ADOPTED, Outcome.UNVERIFIED, Outcome.PLANNED}
    assert step is (Step.DONE if outcome in exists else Step.SEND)


@pytest.mark.parametrize(
    ("now", "step"),
    [(NOW - 3600, Step.WAIT), (NOW, Step.WAIT), (NOW + 4.9, Step.WAIT), (NOW + 5, Step.LOOK), (LATER, Step.LOOK)],
)
@pytest.mark.parametrize("automatic", [INSTANT, PLAN])
def test_what_a_crash_left_is_looked_for_once_the_list_had_time_to_show_it(
    automatic: bool, now: float, step: Step
) -> None:
    assert next_step(sent(automatic), now, RULES, looked=None) is step


def test_doubt_of_an_unknown_time_is_looked_for_at_once() -> None:
    assert next_step(fresh(doubtful=True), NOW, RULES, looked=None) is Step.LOOK


QUICK = replace(RULES, first_backup_after=20.0)
SILENT = replace(RULES, first_backups_missed=1)
MAY_BE_IT = Looked(candidates=(321,))


@pytest.mark.parametrize(
    ("automatic", "rules", "looked", "after", "step"),
    [
        (INSTANT, RULES, NOTHING, 60, Step.SEND),
        (INSTANT, RESEND, NOTHING, 60, Step.SEND),
        (INSTANT, RULES, MAY_BE_IT, 60, Step.ASK),
        (INSTANT, RESEND, MAY_BE_IT, 10**7, Step.ASK),
        (INSTANT, RULES, replace(MAY_BE_IT, names_shown=True), 60, Step.SEND),
        # A plan is sent again where its first backup had to show by now.
        (PLAN, RULES, NOTHING, 60, Step.ASK),
        (PLAN, RULES, NOTHING, GENEROUS - 121, Step.ASK),
        (PLAN, RULES, NOTHING, GENEROUS - 120, Step.WAIT),
        (PLAN, RULES, NOTHING, GENEROUS, Step.SEND),
        (PLAN, RULES, MAY_BE_IT, GENEROUS, Step.ASK),
        (PLAN, RULES, replace(NOTHING, is_whole=False), GENEROUS, Step.ASK),
        (PLAN, QUICK, NOTHING, 60, Step.WAIT),
        (PLAN, QUICK, NOTHING, 64, Step.WAIT),
        (PLAN, QUICK, NOTHING, 65, Step.SEND),
        (PLAN, SILENT, NOTHING, 10**7, Step.ASK),
        # Or where somebody says so, but for one that shows.
        (PLAN, RESEND, NOTHING, 60, Step.SEND),
        (PLAN, replace(RESEND, first_backups_missed=1), NOTHING, 60, Step.SEND),
        (PLAN, replace(RESEND, resend_plans=frozenset({"another"})), NOTHING, 60, Step.ASK),
        (PLAN, RESEND, Looked([backup(321)]), 60, Step.ASK),
    ],
)
def test_what_a_look_did_not_find_is_sent_again_only_where_that_proves_its_absence(
    automatic: bool, rules: Rules, looked: Looked, after: float, step: Step
) -> None:
    entry = not_found(sent(automatic))
    assert entry.looked == 1
    assert next_step(entry, NOW + after, rules, looked) is step


def test_the_next_look_comes_when_the_list_must_show_it_or_its_first_backup() -> None:
    assert settled_at(sent(), RULES) == NOW + 5
    assert settled_at(sent(), replace(RULES, list_delay=8.0)) == NOW + 13
    assert settled_at(sent(PLAN), QUICK, NOTHING) == NOW + 65
    assert settled_at(sent(), RULES, NOTHING) == NOW + 5
    again = sending(after(Meaning.IN_DOUBT), NOW, MARK, BODY)
    assert settled_at(again, RULES, NOTHING) == NOW + 20
    assert settled_at(fresh(), RULES) == 5


@pytest.mark.parametrize("automatic", [INSTANT, PLAN])
def test_a_look_that_found_nothing_settles_no_doubt_for_good(automatic: bool) -> None:
    """A run that ended right after it, and a re-run an hour later: the row may have turned up meanwhile."""
    entry = ended(not_found(after(Meaning.IN_DOUBT, automatic)), Outcome.EXHAUSTED, "")
    assert next_step(entry, LATER, RULES, looked=None) is Step.LOOK


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
