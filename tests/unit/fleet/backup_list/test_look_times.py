"""When a look comes: never much too late for what has ended, and not oftener than the budget allows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.backup_list.look_times import FIRST, LEAST, LONGEST_INTERVAL, LookTimes, next_interval, until_expected


def looks_until(duration: float, times: LookTimes, page_seconds: float = 0.0) -> tuple[float, int]:
    """Look at one backup until it is seen to have ended; return its age then, and how many looks it took."""
    age, since_last, looks = 0.0, 0.0, 0
    while True:
        since_last = times.next([age], 0.0, page_seconds)
        age, looks = age + since_last, looks + 1
        if age >= duration:
            times.ended(age, since_last)
            return age, looks


@given(st.floats(2 * FIRST, 110.0))
def test_what_nothing_is_known_of_is_noticed_late_by_half_of_its_own_time_at_most(duration: float) -> None:
    age, _ = looks_until(duration, LookTimes())
    assert age <= 1.5 * duration + 1e-6


@given(st.lists(st.floats(0.1, 5000.0), min_size=1, max_size=30))
def test_however_long_the_others_took_a_look_comes_within_the_longest_interval(durations: list[float]) -> None:
    times = LookTimes()
    for duration in durations:
        age, looks = looks_until(duration, times)
        assert duration <= age <= duration + LONGEST_INTERVAL
        assert looks <= 12 + duration / LEAST


@pytest.mark.parametrize("duration", [2.0, 10.0, 45.0, 600.0])
def test_what_takes_as_long_as_those_before_is_noticed_soon_and_with_few_looks(duration: float) -> None:
    times = LookTimes()
    for _ in range(5):
        looks_until(duration, times)
    seen = [looks_until(duration, times) for _ in range(10)]
    assert sum(age for age, _ in seen) / 10 <= 1.25 * duration
    assert sum(looks for _, looks in seen) / 10 <= max(3, duration / LONGEST_INTERVAL + 2)


def test_quick_ones_are_not_kept_waiting_by_slow_ones() -> None:
    times = LookTimes()
    for duration in [600.0, 2.0, 600.0, 2.0, 600.0, 600.0]:
        times.ended(duration, 0.0)
    assert times.next([0.0], 0.0, 0.0) == pytest.approx(2.0)


def test_a_look_comes_when_the_first_of_many_is_due_but_not_before_the_budget_gives_its_pages() -> None:
    times = LookTimes()
    times.ended(30.0, 0.0)
    assert times.next([1.0, 25.0], 5.0, 0.0) == pytest.approx(5.0)
    assert times.next([1.0, 25.0], 5.0, 10.0) == pytest.approx(15.0)
    assert times.next([40.0], 100.0, 0.0) == 0.0


def test_what_begins_meanwhile_does_not_put_a_look_off() -> None:
    """The time of the next look stands, however often it is asked for."""
    times = LookTimes()
    assert times.next([4.0], 0.0, 0.0) == pytest.approx(2.0)
    assert times.next([5.0], 1.0, 0.0) == pytest.approx(1.0)
    assert times.next([5.0, 0.0], 1.0, 0.0) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("elapsed", "in_vain", "seconds"),
    [
        (0.0, 0, 2.0),
        (2.0, 1, 3.0),
        (5.0, 1, 4.5),
        (5.0, 20, 20.0),
        (30.0, 1, 17.0),
        (100.0, 0, 52.0),
        (3000.0, 0, 60.0),
        (3.0, 500, 60.0),
    ],
)
def test_the_time_between_looks_grows_with_time_and_wasted_pages_but_not_without_end(
    elapsed: float, in_vain: int, seconds: float
) -> None:
    assert next_interval(elapsed, in_vain) == seconds


@pytest.mark.parametrize(("done", "most"), [(0.3, 1), (2, 1), (10, 4), (30, 6), (60, 7), (600, 17)])
def test_a_backup_is_noticed_soon_and_with_few_looks(done: float, most: int) -> None:
    elapsed, looks = 0.0, 0
    while elapsed < done:
        elapsed += next_interval(elapsed, 1)
        looks += 1
    assert looks <= most
    assert elapsed - done <= 2.0 + done / 2


@pytest.mark.parametrize(
    ("running", "seconds"),
    [
        ([], 0.0),
        ([(3.0, 0.0)], 0.0),
        ([(3.0, 31.0)], 28.0),
        ([(3.0, 31.0), (1.0, 11.0)], 28.0),
        ([(40.0, 31.0)], 0.0),
        ([(40.0, 31.0), (5.0, 11.0)], 6.0),
        ([(0.0, 3600.0)], LONGEST_INTERVAL),
    ],
)
def test_the_first_look_comes_when_backups_are_expected_by_how_long_they_took(
    running: list[tuple[float, float]], seconds: float
) -> None:
    assert until_expected(running) == seconds
