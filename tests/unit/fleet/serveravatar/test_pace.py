"""The budget of an account: never more than the limit in any window, and never idle while there is room."""

import heapq
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.serveravatar.pace import MARGIN, Pace, RateLimitHeaders, read_headers

WINDOW = 60.0
NOTHING = RateLimitHeaders()


# Headers.


@pytest.mark.parametrize(
    ("headers", "read"),
    [
        ({}, RateLimitHeaders()),
        ({"x-ratelimit-limit": "60", "x-ratelimit-remaining": "59"}, RateLimitHeaders(60, 59)),
        ({"x-ratelimit-limit": "0", "x-ratelimit-remaining": "0"}, RateLimitHeaders(None, 0)),
        ({"x-ratelimit-limit": "many", "x-ratelimit-remaining": ""}, RateLimitHeaders()),
        ({"x-ratelimit-limit": "-5", "x-ratelimit-remaining": "-1"}, RateLimitHeaders()),
        ({"retry-after": "37"}, RateLimitHeaders(retry_after=37.0)),
        ({"retry-after": " 37 "}, RateLimitHeaders(retry_after=37.0)),
        ({"retry-after": "0"}, RateLimitHeaders(retry_after=0.0)),
        ({"retry-after": "Tue, 11 Feb 2025 11:12:59 GMT"}, RateLimitHeaders(retry_after=37.0)),
        ({"retry-after": "Tue, 11 Feb 2025 11:12:00 GMT"}, RateLimitHeaders(retry_after=0.0)),
        ({"x-ratelimit-reset": "1739272379"}, RateLimitHeaders(retry_after=37.0)),
        ({"x-ratelimit-reset": "1739272000"}, RateLimitHeaders(retry_after=0.0)),
        ({"retry-after": "5", "x-ratelimit-reset": "1739272379"}, RateLimitHeaders(retry_after=5.0)),
        ({"retry-after": "soon", "x-ratelimit-reset": "1739272379"}, RateLimitHeaders(retry_after=37.0)),
        ({"retry-after": "soon"}, RateLimitHeaders()),
    ],
)
def test_the_headers_are_read_where_they_are_there(headers: dict[str, str], read: RateLimitHeaders) -> None:
    assert read_headers(headers, 1739272342.0) == read


@given(st.dictionaries(st.sampled_from(["x-ratelimit-limit", "retry-after", "x-ratelimit-reset"]), st.text()))
def test_odd_headers_are_no_error(headers: dict[str, str]) -> None:
    read = read_headers(headers, 1739272342.0)
    assert read.retry_after is None or read.retry_after >= 0


# The allowance.


@pytest.mark.parametrize(
    ("limit", "share", "allowance"), [(60, 0.9, 54), (60, 1.0, 60), (210, 0.9, 189), (1, 0.1, 1), (60, 0.001, 1)]
)
def test_the_allowance_is_a_share_of_the_limit(limit: int, share: float, allowance: int) -> None:
    assert Pace(limit, WINDOW, share).allowance == allowance


def test_the_limit_is_what_the_api_says() -> None:
    pace = Pace(60, WINDOW, 0.5)
    pace.sent()
    pace.answered(0.0, RateLimitHeaders(limit=210, remaining=209))
    assert (pace.limit, pace.allowance) == (210, 105)


# One step at a time.


def spent(pace: Pace, count: int, now: float, headers: RateLimitHeaders = NOTHING) -> None:
    for _ in range(count):
        assert pace.delay(now) == 0
        pace.sent()
    for _ in range(count):
        pace.answered(now, headers)


def test_the_first_requests_go_at_once_and_the_next_a_window_later() -> None:
    pace = Pace(10, WINDOW, 1.0)
    spent(pace, 10, 100.0)
    assert pace.delay(100.0) == pytest.approx(WINDOW + MARGIN)
    assert pace.delay(150.0) == pytest.approx(10.0 + MARGIN)
    assert pace.delay(160.0 + MARGIN) == 0


def test_room_that_depends_on_an_answer_has_no_time() -> None:
    pace = Pace(2, WINDOW, 1.0)
    pace.sent()
    pace.sent()
    assert pace.delay(0.0) is None
    pace.answered(5.0, NOTHING)
    assert pace.delay(5.0) == pytest.approx(WINDOW + MARGIN)


def test_when_others_have_used_the_window_it_is_waited_for() -> None:
    pace = Pace(60, WINDOW, 1.0)
    pace.sent()
    pace.answered(10.0, RateLimitHeaders(60, 0))
    assert pace.delay(10.0) == pytest.approx(WINDOW + MARGIN)
    assert pace.delay(70.0 + MARGIN) == 0


def test_a_new_window_is_made_use_of_at_once() -> None:
    pace = Pace(60, WINDOW, 1.0)
    pace.sent()
    pace.answered(0.0, RateLimitHeaders(60, 1))
    pace.sent()
    pace.answered(30.0, RateLimitHeaders(60, 59))
    assert pace.delay(30.0) == 0


@pytest.mark.parametrize("retry_after", [0.0, 37.0, 300.0])
def test_after_a_429_nothing_is_sent_until_the_api_says_so(retry_after: float) -> None:
    pace = Pace(60, WINDOW, 1.0)
    pace.sent()
    pace.answered(10.0, RateLimitHeaders(60, 0, retry_after))
    assert pace.refused(10.0, RateLimitHeaders(60, 0, retry_after)) == pytest.approx(retry_after + MARGIN)
    if retry_after:
        assert pace.delay(10.0 + retry_after / 2) == pytest.approx(retry_after / 2 + MARGIN)
    assert pace.delay(10.0 + retry_after + 2 * MARGIN) == 0


def test_after_a_bare_429_the_oldest_request_must_have_left_the_window() -> None:
    pace = Pace(60, WINDOW, 1.0)
    spent(pace, 2, 10.0)
    pace.sent()
    pace.answered(30.0, NOTHING)
    assert pace.refused(30.0, NOTHING) == pytest.approx(40.0 + 2 * MARGIN)


def test_of_several_429s_the_longest_wait_counts() -> None:
    pace = Pace(60, WINDOW, 1.0)
    for _ in range(2):
        pace.sent()
    pace.answered(0.0, RateLimitHeaders(retry_after=50))
    pace.refused(0.0, RateLimitHeaders(retry_after=50))
    pace.answered(1.0, RateLimitHeaders(retry_after=5))
    pace.refused(1.0, RateLimitHeaders(retry_after=5))
    assert pace.delay(1.0) == pytest.approx(49.0 + MARGIN)


# Against a model of the API.


@dataclass
class ModelApi:
    """Counts requests in a fixed window that opens with the first request that it receives."""

    limit: int
    with_headers: bool
    opened: float = float("-inf")
    count: int = 0
    worst: int = 0
    received: list[float] = field(default_factory=list)

    def receive(self, now: float) -> RateLimitHeaders:
        if now >= self.opened + WINDOW:
            self.opened, self.count = now, 0
        self.count += 1
        self.worst = max(self.worst, self.count)
        self.received.append(now)
        return RateLimitHeaders(self.limit, max(0, self.limit - self.count)) if self.with_headers else NOTHING


@dataclass(frozen=True)
class Journey:
    """One request: seconds until it is wanted after the one before, on its way there, and on its way back."""

    gap: float
    there: float
    back: float


SECONDS = st.floats(0, 3) | st.floats(0, 90) | st.just(0.0)
JOURNEYS = st.lists(st.builds(Journey, gap=SECONDS, there=SECONDS, back=SECONDS), min_size=1, max_size=60)


def drive(pace: Pace, api: ModelApi, journeys: list[Journey]) -> tuple[float, list[tuple[float, float]]]:
    """Send as the client does: in order, and looking again whenever an answer comes.

    Returns:
        When the last was sent, and of each when it was sent and answered.
    """
    now, wanted_at = 0.0, 0.0
    # What is to happen: arrivals (0) before answers (1) of the same moment.
    events: list[tuple[float, int, int]] = []
    told: dict[int, RateLimitHeaders] = {}
    times: dict[int, tuple[float, float]] = {}

    def happen(until: float) -> None:
        while events and events[0][0] <= until:
            moment, kind, number = heapq.heappop(events)
            if kind == 0:
                told[number] = api.receive(moment)
            else:
                pace.answered(moment, told[number])

    for number, journey in enumerate(journeys):
        wanted_at += journey.gap
        now = max(now, wanted_at)
        happen(now)
        while (delay := pace.delay(now)) != 0:
            under_way = [moment for moment, kind, _ in events if kind == 1]
            recent = sum(1 for _, answered in times.values() if now - WINDOW - MARGIN < answered <= now)
            if not api.with_headers:
                assert recent + len(under_way) >= pace.allowance, "idle although there is room"
            if delay is None:
                assert under_way, "waits for an answer that nobody awaits"
            now = min([*under_way, *([now + delay] if delay is not None else [])])
            happen(now)
        pace.sent()
        arrival, answer = now + journey.there, now + journey.there + journey.back
        times[number] = (now, answer)
        heapq.heappush(events, (arrival, 0, number))
        heapq.heappush(events, (answer, 1, number))
    happen(float("inf"))
    return now, list(times.values())


@given(journeys=JOURNEYS, limit=st.integers(1, 12), share=st.floats(0.1, 1.0), with_headers=st.booleans())
def test_no_window_of_the_api_ever_sees_more_than_its_limit(
    journeys: list[Journey], limit: int, share: float, with_headers: bool
) -> None:
    pace, api = Pace(limit, WINDOW, share), ModelApi(limit, with_headers)
    drive(pace, api, journeys)
    assert len(api.received) == len(journeys)
    assert api.worst <= limit
    # Nor does any other stretch of the same length, so that where a window begins does not matter.
    for place in range(len(api.received) - pace.allowance):
        assert api.received[place + pace.allowance] - api.received[place] >= WINDOW - 1e-6


@given(journeys=JOURNEYS, limit=st.integers(1, 12), with_headers=st.booleans())
def test_a_fleet_is_not_held_back_longer_than_the_limit_asks_for(
    journeys: list[Journey], limit: int, with_headers: bool
) -> None:
    last, times = drive(Pace(limit, WINDOW, 1.0), ModelApi(limit, with_headers), journeys)
    longest = max(answered - sent for sent, answered in times)
    # The headers do not say when the window was opened, nor which requests under way they have counted: one window
    # may be waited for from its first answer on, and the last places in it until the answers are there.
    windows = len(journeys) // limit * (2 if with_headers else 1) + with_headers
    assert last <= sum(journey.gap for journey in journeys) + windows * (WINDOW + 2 * MARGIN + longest) + 1e-6


@given(with_headers=st.booleans(), limit=st.integers(1, 12), others=st.integers(0, 12), count=st.integers(1, 40))
def test_after_what_others_used_the_pace_recovers(with_headers: bool, limit: int, others: int, count: int) -> None:
    pace, api = Pace(limit, WINDOW, 1.0), ModelApi(limit, with_headers)
    for _ in range(min(others, limit - 1)):
        api.receive(0.0)
    last, _ = drive(pace, api, [Journey(0, 0.1, 0.1)] * count)
    assert last <= (count // limit + 2) * (WINDOW + 1)
