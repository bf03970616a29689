"""Staggered starts: within the window, spread, and the same from run to run."""

import hashlib
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fleet.fleet_file.stagger import LEAD, Staggered, starts
from fleet.inventory.window import parse
from tests.unit.fleet.inventory.test_window import MOMENTS, WINDOWS

NOW = datetime(2026, 1, 10, 12, 0, tzinfo=UTC)
NIGHT = parse("01:00-05:00 UTC")


def staggered(number: int, server: int = 1, window: str = "01:00-05:00 UTC") -> Staggered:
    return Staggered(hashlib.sha256(str(number).encode()).hexdigest()[:16], (5, server), parse(window))


def fleet(servers: int, plans: int, window: str = "01:00-05:00 UTC") -> list[Staggered]:
    return [staggered(number, number % servers, window) for number in range(servers * plans)]


@given(
    st.lists(st.integers(1, 8), max_size=150),
    st.integers(1, 40),
    MOMENTS,
)
@example([1, 1, 1, 2, 3, 4], 3, NOW)
@example([1] * 7, 3, NOW)
def test_no_minute_gets_more_than_its_share_in_all_or_of_one_server(
    servers: list[int], minutes: int, now: datetime
) -> None:
    window = f"23:50-{datetime(2026, 1, 1, 23, 50) + timedelta(minutes=minutes):%H:%M} UTC"  # noqa: DTZ001 - a time of day
    plans = [staggered(number, server, window) for number, server in enumerate(servers)]
    times = [start.time() for start in starts(plans, now)]
    assert all(count <= -(-len(plans) // minutes) for count in Counter(times).values())
    for server, count in Counter(servers).items():
        of_server = Counter(time for time, each in zip(times, servers, strict=True) if each == server)
        assert max(of_server.values()) <= -(-count // minutes)


@given(st.lists(st.tuples(st.integers(1, 4), WINDOWS), max_size=20), MOMENTS)
def test_every_start_lies_in_its_window_and_in_the_future_on_any_day_of_any_zone(
    wanted: list[tuple[int, object]], now: datetime
) -> None:
    plans = [staggered(number, server, str(window)) for number, (server, window) in enumerate(wanted)]
    for plan, start in zip(plans, starts(plans, now), strict=True):
        assert plan.window.is_open(start)
        assert now + LEAD <= start <= now + timedelta(days=4)
        assert start.second == start.microsecond == 0


def test_a_fleet_spreads_over_its_window() -> None:
    """8 plans on each of 40 servers, in 240 minutes: at most two at once, and each half of the night has its share."""
    times = starts(fleet(40, 8), NOW)
    assert max(Counter(times).values()) == 2
    assert 130 < sum(time.hour < 3 for time in times) < 190


@pytest.mark.parametrize("days", [1, 7, 150])
def test_a_plan_keeps_its_minute_from_run_to_run_and_whatever_the_order_of_the_file(days: int) -> None:
    plans = fleet(10, 5)
    later = starts(plans[::-1], NOW + timedelta(days=days))[::-1]
    assert later == [start + timedelta(days=days) for start in starts(plans, NOW)]


def test_a_target_that_is_added_moves_few_others() -> None:
    plans, more = fleet(20, 5), [staggered(number, number % 20) for number in range(1000, 1100)]
    before = starts(plans, NOW)
    moved = [
        sum(old != new for old, new in zip(before, starts([*plans, each], NOW)[:-1], strict=True)) for each in more
    ]
    assert sum(moved) <= len(more)
    assert max(moved) <= 5


def test_the_next_night_is_taken_where_the_minute_is_too_near() -> None:
    (tonight,) = starts([staggered(1)], NOW)
    assert starts([staggered(1)], tonight - LEAD) == [tonight + timedelta(days=1)]
    assert starts([staggered(1)], tonight - 2 * LEAD) == [tonight]


def test_a_window_of_another_zone_is_read_by_its_own_clock() -> None:
    (start,) = starts([staggered(1, window="01:00-01:01 Asia/Kolkata")], NOW)
    assert start == datetime(2026, 1, 10, 19, 30, tzinfo=UTC)
