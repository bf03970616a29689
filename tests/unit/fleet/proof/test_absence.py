"""Whether what a look has not found is proven absent: by what was sent, what was shown, the rules, and the time."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.inventory.expectation import PERIODS
from fleet.inventory.request import Schedule
from fleet.proof.absence import (
    GENEROUS,
    LONGEST_SETTLE,
    LONGEST_WAIT,
    Absence,
    Attempt,
    Looked,
    Rules,
    absence_of,
    moment,
    second_shows_by,
    shows_by,
)
from fleet.proof.proof import Evidence
from tests.unit.fleet.builders import backup

SENT = datetime(2026, 11, 28, 3, tzinfo=UTC).timestamp()
ONCE = Attempt(automatic=False, count=1, sent_at=SENT, is_marked=True)
TWICE, OFTEN = replace(ONCE, count=2), replace(ONCE, count=6)
UNMARKED = replace(ONCE, is_marked=False)
NOW_PLAN = replace(ONCE, automatic=True, request={"start_backup_from_now": True, "schedule": "Every Day"})
LATER_PLAN = replace(NOW_PLAN, request={"start_backup": "2026-11-29 03:00", "schedule": "Every Day"})
RULES = Rules(settle_seconds=5.0)
QUICK, SILENT = replace(RULES, first_backup_after=20.0), replace(RULES, first_backups_missed=1)
NOTHING, MAY_BE_IT = Looked(), Looked(candidates=(321, 322))
IN_TIME = Looked(shown_up_to=SENT)
DAY = 86400.0


@pytest.mark.parametrize(
    ("attempt", "looked", "rules", "after", "is_proven", "settled_after"),
    [
        # An instant backup: where names are shown its own is not, and elsewhere nothing shows that may be it.
        (ONCE, NOTHING, RULES, 5, True, None),
        (ONCE, replace(NOTHING, names_shown=True), RULES, 5, True, None),
        (ONCE, MAY_BE_IT, RULES, 5, False, None),
        (ONCE, MAY_BE_IT, RULES, 10**9, False, None),
        (ONCE, replace(MAY_BE_IT, names_shown=True), RULES, 5, True, None),
        (UNMARKED, MAY_BE_IT, RULES, 5, False, None),
        (UNMARKED, NOTHING, RULES, 5, True, None),
        # One that was sent again already is waited for longer, unless the list shows what was sent as late.
        (TWICE, NOTHING, RULES, 5, False, 20),
        (TWICE, NOTHING, RULES, 19.9, False, 20),
        (TWICE, NOTHING, RULES, 20, True, None),
        (TWICE, IN_TIME, RULES, 5, True, None),
        (TWICE, replace(IN_TIME, shown_up_to=SENT - 1), RULES, 5, False, 20),
        (OFTEN, NOTHING, RULES, 299, False, LONGEST_SETTLE),
        (OFTEN, NOTHING, RULES, 300, True, None),
        (OFTEN, NOTHING, replace(RULES, settle_seconds=400.0), 399, False, 400),
        # An API that was seen to be quick, or slow.
        (OFTEN, NOTHING, replace(RULES, shown_within=2.0), 4.9, False, 5),
        (OFTEN, NOTHING, replace(RULES, shown_within=10.0), 15, False, 16),
        (TWICE, NOTHING, replace(RULES, shown_within=1.0, list_delay=8.0), 51, False, 52),
        (TWICE, NOTHING, replace(RULES, shown_within=1.0, list_delay=8.0), 52, True, None),
        # A plan: where its first backup had to show by now.
        (NOW_PLAN, NOTHING, RULES, 5, False, GENEROUS),
        (NOW_PLAN, NOTHING, RULES, GENEROUS - 1, False, GENEROUS),
        (NOW_PLAN, NOTHING, RULES, GENEROUS, True, None),
        (NOW_PLAN, IN_TIME, RULES, 5, False, GENEROUS),
        (NOW_PLAN, replace(NOTHING, names_shown=True), RULES, 5, False, GENEROUS),
        (NOW_PLAN, NOTHING, QUICK, 64, False, 65),
        (NOW_PLAN, NOTHING, QUICK, 65, True, None),
        (NOW_PLAN, NOTHING, replace(QUICK, first_backup_after=1.0), 15.9, False, 16),
        (NOW_PLAN, NOTHING, replace(QUICK, list_delay=8.0), 65, False, 73),
        (LATER_PLAN, NOTHING, QUICK, DAY + GENEROUS - 1, False, DAY + GENEROUS),
        (LATER_PLAN, NOTHING, QUICK, DAY + GENEROUS, True, None),
        (NOW_PLAN, MAY_BE_IT, QUICK, 10**9, False, None),
        (NOW_PLAN, replace(MAY_BE_IT, names_shown=True), QUICK, 10**9, False, None),
        (NOW_PLAN, Looked([backup(321)]), QUICK, 10**9, False, None),
        (NOW_PLAN, replace(NOTHING, is_whole=False), QUICK, 10**9, False, None),
        (replace(NOW_PLAN, is_marked=False), NOTHING, QUICK, 10**9, False, None),
        # An API that shows no first backups proves nothing by not showing one.
        (NOW_PLAN, NOTHING, SILENT, 10**9, False, None),
        (NOW_PLAN, NOTHING, replace(SILENT, first_backup_after=20.0), 65, True, None),
    ],
)
def test_absence_is_proven_or_it_is_said_why_not_and_until_when(
    attempt: Attempt, looked: Looked, rules: Rules, after: float, is_proven: bool, settled_after: float | None
) -> None:
    absence = absence_of(attempt, looked, rules, SENT + after)
    assert absence.is_proven is is_proven
    assert bool(absence.reason) is not is_proven
    assert absence.settled_at == (None if settled_after is None else SENT + settled_after)
    if absence.settled_at is not None:
        assert absence_of(attempt, looked, rules, absence.settled_at).is_proven, "then it is settled"


@pytest.mark.parametrize(
    ("attempt", "looked", "rules", "reason"),
    [
        (ONCE, MAY_BE_IT, RULES, "backup 321 or 322 may be it: the list does not show names"),
        (
            UNMARKED,
            MAY_BE_IT,
            RULES,
            "backup 321 or 322 may be it: the list does not show names, and it is unknown where the list ended before",
        ),
        (TWICE, NOTHING, RULES, "the list may not show it yet"),
        (NOW_PLAN, MAY_BE_IT, RULES, "backup 321, 322 may be its first"),
        (NOW_PLAN, Looked([backup(7)], candidates=(321,)), RULES, "backup 7 may be its first"),
        (NOW_PLAN, NOTHING, RULES, "its first backup may show until 2026-11-29 05:00 UTC"),
        (NOW_PLAN, replace(NOTHING, is_whole=False), RULES, "the backup list was not read to its end"),
        (
            replace(NOW_PLAN, is_marked=False),
            NOTHING,
            RULES,
            "it is unknown where the backup list ended before it was sent",
        ),
        (NOW_PLAN, NOTHING, SILENT, "this API has shown no first backup of an accepted plan either"),
    ],
)
def test_people_are_told_why(attempt: Attempt, looked: Looked, rules: Rules, reason: str) -> None:
    assert absence_of(attempt, looked, rules, SENT + 5).reason == reason


ATTEMPTS = st.builds(
    Attempt,
    st.booleans(),
    st.integers(1, 9),
    st.just(SENT),
    st.booleans(),
    st.sampled_from([NOW_PLAN.request, LATER_PLAN.request]),
)
LOOKS = st.builds(
    Looked,
    st.sampled_from([(), (backup(7),)]),
    st.sampled_from([None, *Evidence]),
    candidates=st.sampled_from([(), (), (321,), (321, 322)]),
    names_shown=st.booleans(),
    is_whole=st.booleans(),
    shown_up_to=st.sampled_from([0.0, SENT - 1, SENT, SENT + 1]),
)
SOME = st.sampled_from([None, 0.5, 20.0, 4000.0])
RULE_SETS = st.builds(
    Rules,
    st.sampled_from([0.0, 5.0, 400.0]),
    list_delay=st.sampled_from([0.0, 8.0]),
    shown_within=SOME,
    first_backup_after=SOME,
    first_backups_missed=st.integers(0, 2),
)
TIMES = st.floats(SENT - 10, SENT + 10**7)


@given(ATTEMPTS, LOOKS, RULE_SETS, TIMES)
def test_nothing_is_ever_proven_absent_while_a_row_may_be_it(
    attempt: Attempt, looked: Looked, rules: Rules, now: float
) -> None:
    absence = absence_of(attempt, looked, rules, now)
    if looked.candidates and (attempt.automatic or not looked.names_shown):
        assert not absence.is_proven
        assert absence.settled_at is None, "no time settles that"
    if attempt.automatic and (looked.rows or not looked.is_whole or not attempt.is_marked):
        assert not absence.is_proven


@given(ATTEMPTS, LOOKS, RULE_SETS, TIMES, TIMES)
def test_what_is_proven_stays_proven_and_what_time_settles_is_settled_then(
    attempt: Attempt, looked: Looked, rules: Rules, one: float, other: float
) -> None:
    earlier, later = sorted((one, other))
    first, second = (absence_of(attempt, looked, rules, now) for now in (earlier, later))
    assert second.is_proven or not first.is_proven
    assert first.settled_at is None or first.settled_at > earlier
    assert second.is_proven or first.settled_at == second.settled_at
    if first.settled_at is not None:
        assert absence_of(attempt, looked, rules, first.settled_at).is_proven


@given(RULE_SETS)
def test_the_more_often_it_was_sent_the_longer_it_is_waited_for(rules: Rules) -> None:
    waits = [rules.certain_after(count) for count in range(1, 9)]
    assert waits == sorted(waits)
    assert waits[0] >= rules.settled_after >= rules.settle_seconds
    assert waits[-1] <= max(LONGEST_SETTLE, rules.settled_after)


@pytest.mark.parametrize(
    ("settled_at", "is_worth_it"),
    [
        (None, False),
        (99.0, False),
        (100.0, False),
        (100.1, True),
        (100 + LONGEST_WAIT, True),
        (101 + LONGEST_WAIT, False),
    ],
)
def test_a_run_waits_for_what_is_settled_soon(settled_at: float | None, is_worth_it: bool) -> None:
    assert Absence(is_proven=False, settled_at=settled_at).is_worth_waiting(100.0) is is_worth_it


@pytest.mark.parametrize(
    ("rules", "after"),
    [(RULES, 5.0), (replace(RULES, list_delay=2.0), 5.0), (replace(RULES, list_delay=8.0), 13.0), (Rules(0.0), 0.0)],
)
def test_a_list_that_was_seen_to_be_late_is_given_half_as_long_again(rules: Rules, after: float) -> None:
    assert rules.settled_after == after


@pytest.mark.parametrize("schedule", get_args(Schedule.__value__ if hasattr(Schedule, "__value__") else Schedule))
def test_a_plan_shows_a_second_backup_within_its_schedule_and_a_generous_margin(schedule: Any) -> None:
    period = PERIODS[schedule].total_seconds()
    now, later = (replace(plan, request={**plan.request, "schedule": schedule}) for plan in (NOW_PLAN, LATER_PLAN))
    assert second_shows_by(now) == SENT + period + GENEROUS
    assert second_shows_by(later) == SENT + DAY + period + GENEROUS
    for plan in (now, later):
        assert second_shows_by(plan) > shows_by(plan, RULES)


def test_a_plan_that_was_sent_after_it_was_due_is_waited_for_from_then_on() -> None:
    late = replace(LATER_PLAN, sent_at=SENT + 3 * DAY)
    assert shows_by(late, RULES) == late.sent_at + GENEROUS
    assert second_shows_by(late) == late.sent_at + DAY + GENEROUS


@pytest.mark.parametrize(
    ("looked", "is_sure"),
    [
        (NOTHING, False),
        (Looked([backup(1)], Evidence.PLACED), False),
        (Looked([backup(1)], Evidence.NAMED), True),
        (Looked([backup(1), backup(2)], Evidence.PLACED), True),
    ],
)
def test_a_name_or_a_second_row_leaves_no_doubt(looked: Looked, is_sure: bool) -> None:
    assert looked.is_sure is is_sure


def test_a_moment_is_written_for_people_with_its_zone() -> None:
    assert moment(SENT) == "2026-11-28 03:00 UTC"
