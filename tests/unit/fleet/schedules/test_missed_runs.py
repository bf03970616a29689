from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from fleet.schedules.missed_runs import ScheduledRun, Stage, superseded

NIGHT = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
DAY = timedelta(days=1)
PARAMETERS = {"fleet_file": "fleet.yaml"}


def run(number: int, due: datetime = NIGHT, stage: Stage = Stage.WAITING, **parameters: object) -> ScheduledRun:
    return ScheduledRun(str(number), due, stage, PARAMETERS | parameters)


def test_of_three_missed_nights_only_the_last_makes_backups() -> None:
    nights = [run(1, NIGHT - 2 * DAY), run(2, NIGHT - DAY), run(3)]
    reasons = [superseded(night, nights, NIGHT + timedelta(hours=8)) for night in nights]
    assert reasons == [
        *["missed: the run of 2026-11-23 01:30:00 UTC is due and runs instead; nothing was sent"] * 2,
        None,
    ]


def test_a_late_run_alone_is_made() -> None:
    tomorrow = run(2, NIGHT + DAY)
    assert superseded(run(1), [run(1), tomorrow], NIGHT + timedelta(hours=8)) is None


def test_of_two_due_at_the_same_time_the_second_ends_at_once() -> None:
    assert superseded(run(1), [run(2)], NIGHT) is None
    done = superseded(run(2), [run(1, stage=Stage.ENDED)], NIGHT)
    assert done == "duplicate: another run of 2026-11-23 01:30:00 UTC has ended; nothing was sent"


def test_a_run_that_crashed_or_was_cancelled_replaces_none() -> None:
    assert superseded(run(1), [run(2, stage=Stage.LOST), run(3, NIGHT + DAY, Stage.LOST)], NIGHT + 2 * DAY) is None


def test_a_run_with_other_parameters_is_another_job() -> None:
    assert superseded(run(1), [run(2, NIGHT + DAY, limit=["group:shops"])], NIGHT + 2 * DAY) is None


@given(st.permutations(range(6)), st.lists(st.integers(0, 3), min_size=6, max_size=6))
def test_whatever_the_order_and_the_dates_exactly_one_of_those_missed_is_made(
    order: list[int], days: list[int]
) -> None:
    """One after the other, as the concurrency limit starts them, in any order."""
    runs = {number: run(number, NIGHT + days[number] * DAY) for number in order}
    made = []
    for number in order:
        if superseded(runs[number], runs.values(), NIGHT + 9 * DAY) is None:
            made.append(number)
        runs[number] = run(number, runs[number].due, Stage.ENDED)
    assert len(made) == 1
    assert days[made[0]] == max(days)
