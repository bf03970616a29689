"""What is done next for an entry: sent, looked for, waited for, or left."""

from dataclasses import replace

import pytest

from fleet.ledger.entry import (
    ended,
    not_found,
    sending,
)
from fleet.ledger.next_step import Step, next_step, settled_at
from fleet.proof.absence import GENEROUS, Looked, Rules
from fleet.report.outcome import Outcome
from fleet.serveravatar.catalogue import Meaning
from tests.unit.fleet.builders import backup
from tests.unit.fleet.ledger.attempts import (
    BODY,
    INSTANT,
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
