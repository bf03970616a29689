"""The promises of the pace, against a model of the API's fixed window."""

from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from fleet.serveravatar.rate_limit.pace import MARGIN, Pace
from tests.unit.fleet.serveravatar.model_api import (
    JOURNEYS,
    QUICK_JOURNEYS,
    WINDOW,
    Drive,
    Journey,
    ModelApi,
    most_in_any_window,
)

LIMITS = st.integers(1, 12)
SHARES = st.floats(0.1, 1.0)


@given(journeys=JOURNEYS, limit=LIMITS, share=SHARES, with_headers=st.booleans(), concurrency=st.integers(1, 20))
def test_alone_on_the_key_with_the_right_setting_nothing_is_ever_refused(
    journeys: list[Journey], limit: int, share: float, with_headers: bool, concurrency: int
) -> None:
    drive = Drive(Pace(limit, WINDOW, share), ModelApi(limit, with_headers))
    drive.run(journeys, concurrency=concurrency)
    assert drive.api.refused == []
    assert len(drive.api.accepted) == len(journeys)


@given(journeys=JOURNEYS, limit=LIMITS, share=SHARES)
def test_without_headers_no_stretch_of_a_windows_length_gets_more_than_the_allowance(
    journeys: list[Journey], limit: int, share: float
) -> None:
    drive = Drive(pace := Pace(limit, WINDOW, share), ModelApi(limit, with_headers=False))
    drive.run(journeys)
    assert most_in_any_window(drive.api.accepted) <= pace.allowance


@given(journeys=QUICK_JOURNEYS, limit=LIMITS, concurrency=st.integers(1, 20))
def test_with_headers_it_is_never_idle_while_the_window_has_room(
    journeys: list[Journey], limit: int, concurrency: int
) -> None:
    """When nothing is under way, it waits only in a full window, and no longer than the first answer took after it."""
    drive = Drive(Pace(limit, WINDOW, 1.0), ModelApi(limit))
    drive.run(journeys, concurrency=concurrency)
    longest = max(journey.back for journey in journeys)
    opened = windows(drive.api.accepted)
    for begin, end in drive.idle:
        start = max(moment for moment in opened if moment <= begin)
        in_window = sum(start <= moment < start + WINDOW for moment in drive.api.accepted)
        assert in_window == limit
        assert end <= start + WINDOW + longest + 2 * MARGIN


@given(journeys=QUICK_JOURNEYS, limit=LIMITS)
def test_without_headers_it_is_never_idle_while_a_stretch_has_room(journeys: list[Journey], limit: int) -> None:
    drive = Drive(Pace(limit, WINDOW, 1.0), ModelApi(limit, with_headers=False))
    drive.run(journeys)
    longest = max(journey.there + journey.back for journey in journeys)
    for begin, _ in drive.idle:
        assert sum(begin - WINDOW - longest - 2 * MARGIN <= moment <= begin for moment in drive.sent) >= limit


@given(
    journeys=QUICK_JOURNEYS,
    limit=LIMITS,
    others=st.lists(st.floats(0, 300), max_size=40),
    with_headers=st.booleans(),
    concurrency=st.integers(1, 10),
)
def test_beside_others_everything_gets_through_and_refusals_stay_few(
    journeys: list[Journey], limit: int, others: list[float], with_headers: bool, concurrency: int
) -> None:
    drive = Drive(Pace(limit, WINDOW, 1.0), ModelApi(limit, with_headers))
    drive.run(journeys, sorted(others), concurrency)
    # No herd: what was under way when the window was full is refused, and then one at a time asks.
    most = most_in_any_window(drive.api.refused, WINDOW / 2)
    assert most <= concurrency + 1


@given(journeys=QUICK_JOURNEYS, limit=LIMITS, more=st.integers(0, 12), at=st.floats(0, 200))
def test_a_bigger_plan_is_made_use_of_and_nothing_is_refused(
    journeys: list[Journey], limit: int, more: int, at: float
) -> None:
    api = ModelApi(limit, changes=[(at, limit + more)])
    drive = Drive(pace := Pace(limit, WINDOW, 1.0), api)
    drive.run(journeys)
    assert api.refused == []
    if drive.sent[-1] > at + 2:
        assert pace.limit in (limit, limit + more)


@given(journeys=QUICK_JOURNEYS, limit=st.integers(2, 12), at=st.floats(0, 200), concurrency=st.integers(1, 10))
def test_a_smaller_plan_costs_no_more_than_what_was_under_way(
    journeys: list[Journey], limit: int, at: float, concurrency: int
) -> None:
    api = ModelApi(limit, changes=[(at, max(1, limit // 2))])
    Drive(Pace(limit, WINDOW, 1.0), api).run(journeys, concurrency=concurrency)
    assert len(api.refused) <= concurrency + 1


def windows(moments: list[float]) -> list[float]:
    """When the API's windows opened, if nobody else used them."""
    opened: list[float] = []
    for moment in moments:
        if not opened or moment >= opened[-1] + WINDOW:
            opened.append(moment)
    return opened


def test_a_fleet_of_fifty_ends_in_seconds() -> None:
    drive = Drive(Pace(60, WINDOW, 0.9), ModelApi(60))
    drive.run([Journey(0, 0.1, 0.1)] * 50, concurrency=10)
    assert drive.sent[-1] <= 1.0 + 1e-6


def test_a_long_fleet_takes_the_windows_that_the_limit_asks_for_and_a_margin_each() -> None:
    for limit, requests, concurrency in [(30, 120, 10), (60, 600, 10), (210, 1050, 20)]:
        drive = Drive(Pace(limit, WINDOW, 1.0), ModelApi(limit))
        drive.run([Journey(0, 0.1, 0.1)] * requests, concurrency=concurrency)
        least = (requests / limit - 1) * WINDOW
        assert drive.sent[-1] <= least * 1.01 + limit / concurrency * 0.2 + 1.0


def test_a_stored_pace_goes_on_as_if_nothing_had_happened() -> None:
    moments = count()
    pace, twin = Pace(5, WINDOW, 1.0), Pace(5, WINDOW, 1.0)
    api = ModelApi(5)
    for _ in range(5):
        now = float(next(moments))
        grant = twin.grant(now)
        _, headers = api.receive(now)
        twin.answered(grant.number, now, now + 0.1, headers)
        pace = Pace(5, WINDOW, 1.0)
        pace.restore(twin.state(now + 0.1), now + 0.2)
        twin = pace
    assert (hold := pace.hold(5.0)) is not None
    assert hold.seconds is not None
    assert 55 <= hold.seconds <= 56
