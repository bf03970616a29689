"""Plans that exist by the ledger's word: confirmed by a second backup, in doubt again without one."""

from dataclasses import replace
from typing import Any

import pytest

from fleet.creation.confirmation import confirmed, needs_look
from fleet.ledger.entry import Entry
from fleet.proof.absence import GENEROUS, Looked, Rules
from fleet.proof.proof import Evidence
from fleet.proof.sought import Mark
from fleet.report.outcome import Outcome
from tests.unit.fleet.builders import backup, plan

DAY = 86400.0
SENT = 1_000_000.0
RULES = Rules()
ACCEPTED = Entry(
    "0123456789abcdef",
    "night",
    automatic=True,
    attempts=1,
    sent_at=SENT,
    before=Mark(100, 40, exact=True),
    outcome=Outcome.CREATED,
    request=plan().body(),
)
STANDS_ALONE = replace(ACCEPTED, outcome=Outcome.ADOPTED, doubtful=True, backup_id=101)
FIRST, SECOND = backup(101, backup_config_id=41), backup(102, backup_config_id=41)


def looked(*rows: Any, **changes: Any) -> Looked:
    return Looked(rows, Evidence.PLACED if rows else None, **changes)


@pytest.mark.parametrize(
    ("entry", "after", "expected"),
    [
        (ACCEPTED, 10, False),  # Its first backup has time.
        (ACCEPTED, GENEROUS, True),
        (replace(ACCEPTED, backup_id=101), 9 * DAY, False),
        (replace(ACCEPTED, plan_id=41), 9 * DAY, False),
        (
            replace(ACCEPTED, request=plan(start_backup_from_now=False, start_backup="2030-01-01 00:00").body()),
            9 * DAY,
            False,
        ),
        (STANDS_ALONE, 1, True),
        (replace(ACCEPTED, automatic=False), 9 * DAY, False),
        (replace(ACCEPTED, outcome=None, doubtful=True), 9 * DAY, False),  # It is looked for before it is sent.
    ],
)
def test_only_what_has_not_shown_all_that_a_plan_shows_is_looked_for(
    entry: Entry, after: float, expected: bool
) -> None:
    assert needs_look(entry, SENT + after, RULES) is expected


def test_a_second_backup_confirms_a_plan_that_one_stood_for() -> None:
    sure = confirmed(STANDS_ALONE, looked(FIRST, SECOND), SENT + DAY, RULES)
    assert (sure.outcome, sure.doubtful, sure.plan_id, sure.backup_id) == (Outcome.ADOPTED, False, 41, 101)


def test_one_backup_stands_for_a_plan_until_its_second_had_to_come_and_then_it_is_in_doubt_again() -> None:
    in_time = confirmed(STANDS_ALONE, looked(FIRST), SENT + DAY, RULES)
    assert (in_time.outcome, in_time.doubtful) == (Outcome.ADOPTED, True)
    too_late = confirmed(STANDS_ALONE, looked(FIRST), SENT + DAY + GENEROUS, RULES)
    assert (too_late.outcome, too_late.doubtful, too_late.backup_id) == (None, True, None)
    assert too_late.before == Mark(101, 40, exact=True), "what was somebody else's is not looked at again"


def test_the_id_of_a_plan_is_not_taken_from_one_row_where_names_are_hidden() -> None:
    assert confirmed(STANDS_ALONE, looked(FIRST), SENT + 60, RULES).plan_id is None
    assert confirmed(STANDS_ALONE, looked(FIRST, names_shown=True), SENT + 60, RULES).plan_id == 41


def test_a_first_backup_that_never_comes_is_told_and_taken_back_when_it_does() -> None:
    missed = confirmed(ACCEPTED, looked(), SENT + GENEROUS, RULES)
    assert missed.outcome is Outcome.UNVERIFIED
    assert "its first backup, due by 1970-01-13 15:46 UTC, is missing" in missed.reason
    late = confirmed(missed, looked(FIRST, SECOND), SENT + 3 * DAY, RULES)
    assert (late.outcome, late.reason, late.plan_id) == (Outcome.ADOPTED, "", 41)
