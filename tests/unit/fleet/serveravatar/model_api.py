"""A model of Laravel's fixed window, and a client that obeys a `Pace`, in a time of their own."""

import heapq
from dataclasses import dataclass, field

from hypothesis import strategies as st

from fleet.serveravatar.rate_limit.headers import RateLimitHeaders
from fleet.serveravatar.rate_limit.pace import Pace

WINDOW = 60.0
NOTHING = RateLimitHeaders()


@dataclass
class ModelApi:
    """Counts requests in a fixed window that opens with the first that it receives; refuses what is too much."""

    limit: int
    with_headers: bool = True
    opened: float = float("-inf")
    count: int = 0
    accepted: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    changes: list[tuple[float, int]] = field(default_factory=list)
    length: float = WINDOW

    def receive(self, now: float, *, ours: bool = True) -> tuple[bool, RateLimitHeaders]:
        while self.changes and self.changes[0][0] <= now:
            self.limit = self.changes.pop(0)[1]
        if now >= self.opened + self.length:
            self.opened, self.count = now, 0
        if self.count >= self.limit:
            if ours:
                self.refused.append(now)
            return False, RateLimitHeaders(
                self.limit, 0, self.opened + self.length - now
            ) if self.with_headers else NOTHING
        self.count += 1
        if ours:
            self.accepted.append(now)
        return True, RateLimitHeaders(self.limit, self.limit - self.count) if self.with_headers else NOTHING


@dataclass(frozen=True)
class Journey:
    """One request: seconds until it is wanted after the one before, on its way there, and on its way back."""

    gap: float
    there: float
    back: float


SECONDS = st.floats(0, 3) | st.floats(0, 90) | st.just(0.0)
JOURNEYS = st.lists(st.builds(Journey, gap=SECONDS, there=SECONDS, back=SECONDS), min_size=1, max_size=60)
QUICK = st.floats(0, 2) | st.just(0.0)
QUICK_JOURNEYS = st.lists(st.builds(Journey, gap=QUICK, there=QUICK, back=QUICK), min_size=1, max_size=80)


@dataclass(order=True)
class Event:
    """A request of ours arrives (0) or is answered (1), or one of others arrives (2)."""

    at: float
    kind: int
    number: int = 0
    back: float = 0.0


@dataclass
class Drive:
    """What happened: who was sent when, and when the client was held back with nothing under way."""

    pace: Pace
    api: ModelApi
    sent: list[float] = field(default_factory=list)
    idle: list[tuple[float, float]] = field(default_factory=list)
    _events: list[Event] = field(default_factory=list)
    _answers: dict[int, tuple[bool, RateLimitHeaders]] = field(default_factory=dict)
    _sent_at: dict[int, tuple[int, float]] = field(default_factory=dict)

    def run(self, journeys: list[Journey], others: list[float] | None = None, concurrency: int = 1000) -> None:
        for moment in others or []:
            heapq.heappush(self._events, Event(moment, 2))
        now = wanted_at = 0.0
        waiting = list(journeys)
        while waiting:
            journey = waiting.pop(0)
            wanted_at += journey.gap
            now = max(now, wanted_at)
            self._happen(now)
            now = self._hold_back(now, concurrency)
            grant = self.pace.grant(now)
            number = len(self.sent)
            self.sent.append(now)
            self._sent_at[number] = (grant.number, now)
            heapq.heappush(self._events, Event(now + journey.there, 0, number, journey.back))
            self._happen(now)
        self._happen(float("inf"))

    def _hold_back(self, now: float, concurrency: int) -> float:
        while True:
            awaited = [event.at + (event.back if event.kind == 0 else 0) for event in self._events if event.kind < 2]
            hold = self.pace.hold(now)
            if hold is None and len(awaited) < concurrency:
                return now
            # A moment that rounding makes the same as now is passed over by a billionth of a second.
            ends = [max(now + hold.seconds, now + 1e-9)] if hold and hold.seconds is not None else []
            if not awaited:
                assert ends, "waits for an answer that nobody awaits"
                self.idle.append((now, ends[0]))
            now = min([event.at for event in self._events] + ends)
            self._happen(now)

    def _happen(self, until: float) -> None:
        while self._events and self._events[0].at <= until:
            event = heapq.heappop(self._events)
            match event.kind:
                case 0:
                    self._answers[event.number] = self.api.receive(event.at)
                    heapq.heappush(self._events, Event(event.at + event.back, 1, event.number))
                case 1:
                    accepted, headers = self._answers[event.number]
                    grant, sent_at = self._sent_at[event.number]
                    if accepted:
                        self.pace.answered(grant, sent_at, event.at, headers)
                    else:
                        self.pace.refused(grant, event.at, headers)
                case _:
                    self.api.receive(event.at, ours=False)


def most_in_any_window(moments: list[float], window: float = WINDOW) -> int:
    """The most of these moments that lie in a stretch of a window's length, wherever it begins."""
    most = first = 0
    for place, moment in enumerate(moments):
        while moments[first] <= moment - window:
            first += 1
        most = max(most, place - first + 1)
    return most
