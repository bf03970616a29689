"""How fast an account may send: pure bookkeeping of the times it is given; the client only obeys.

Without headers it is unknown when the API's window opened. So no period as long as a window, wherever it begins, gets
more requests than the allowance; a request counts from its grant until a window after its response. With headers the
API's own window is followed (`window`): all of it is used at once, and the next one as soon as it opens. Why that is
safe, and what it guarantees: docs/decisions/0007-the-pace.md.
"""

from bisect import bisect_right, insort
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import groupby
from math import ceil, inf
from typing import Any

from fleet.serveravatar.rate_limit.headers import RateLimitHeaders
from fleet.serveravatar.rate_limit.window import Grant, ReportedWindow

MARGIN = 0.05
"""Seconds added to every wait for a window, because clocks drift."""
SHORTEST = 0.001
"""The shortest wait in seconds: one that is rounded to 0 would never end."""
BUCKETS = 500
"""Into how many moments the responses of a window are grouped when they are stored."""


class Cause(StrEnum):
    """What holds requests back, as people read it."""

    LIMIT = "the account's rate limit (429)"
    WINDOW = "the next rate limit window"


@dataclass(frozen=True, slots=True)
class Hold:
    """Nothing may be sent now.

    Attributes:
        seconds: for how long; None if that depends on a response that is still awaited.
        cause: what it waits for.
    """

    seconds: float | None
    cause: Cause


class Pace:
    """The budget of one account: asked before requests are sent, informed when they were answered.

    Times are seconds of one clock, which the caller reads.

    Attributes:
        limit: requests per window: as configured, until the API's headers show another.
        window: length of the window in seconds.
    """

    def __init__(self, limit: int, window: float, share: float) -> None:
        """Start with an unused window.

        Args:
            limit: requests per window.
            window: length of the window in seconds.
            share: the part of the limit to use; the rest is left to other programs on the same key.
        """
        self.limit = limit
        self.window = window
        self._length = window + MARGIN
        self._share = share
        self._numbers = 0
        self._grants: dict[int, Grant] = {}
        self._answered: list[tuple[float, int]] = []  # When, and how many.
        self._recent = 0  # The sum of how many.
        self._reported: ReportedWindow | None = None
        self._blocked_until = -inf
        self._probing = False

    @property
    def allowance(self) -> int:
        """Requests of a window that may be used: the share of the limit, and at least one."""
        return max(1, int(self.limit * self._share))

    @property
    def in_flight(self) -> int:
        """How many requests were granted and are unanswered."""
        return sum(grant.count for grant in self._grants.values())

    def hold(self, now: float) -> Hold | None:
        """What holds requests back; None if nothing does."""
        self._forget(now)
        if now < self._blocked_until:
            return Hold(max(SHORTEST, self._blocked_until - now), Cause.LIMIT)
        if self._probing and any(grant.granted_at >= self._blocked_until for grant in self._grants.values()):
            return Hold(None, Cause.LIMIT)
        if self._room() > 0:
            return None
        opens = self._opens()
        return Hold(None if opens is None else max(SHORTEST, opens - now), Cause.WINDOW)

    def grant(self, now: float, most: int = 1, expires: float = inf) -> Grant:
        """Count requests that are about to be sent; only to be called when nothing holds them back.

        Args:
            now: the time.
            most: how many are wanted; as many as the budget allows are granted, after a 429 only one.
            expires: when unanswered requests stop counting.
        """
        count = 1 if self._probing else max(1, min(most, self._room()))
        self._numbers += 1
        grant = Grant(self._numbers, count, now, expires=expires)
        if self._reported:
            self._reported.mark(grant)
        self._grants[grant.number] = grant
        return grant

    def give_back(self, number: int, count: int) -> None:
        """Stop counting requests that were granted and not sent."""
        self._take_from(number, count)

    def extend(self, number: int, expires: float) -> None:
        """Let a grant count longer: its holder is alive."""
        if number in self._grants:
            self._grants[number].expires = expires

    def answered(self, number: int, sent_at: float, at: float, headers: RateLimitHeaders) -> None:
        """Account for the response to a granted request, or for the failure to get one.

        Args:
            number: of the grant.
            sent_at: when the request was sent.
            at: when it was answered.
            headers: of the response.
        """
        grant = self._take_from(number, 1)
        self.limit = headers.limit or self.limit
        if self._probing and sent_at >= self._blocked_until:
            self._probing = False
        if headers.rank is not None:
            self._hear(grant, sent_at, at, headers.rank)
        elif self._reported and self._reported.ends_by < inf:
            insort(self._reported.doubtful, at)
        else:
            self._reported = None  # No headers any more: back to what is safe without them.
        insort(self._answered, (at, 1))
        self._recent += 1

    def refused(self, number: int, at: float, headers: RateLimitHeaders) -> float:
        """Account for a 429: nothing is sent until the API accepts requests again, and then a single one first.

        Returns:
            The seconds until then.
        """
        self._take_from(number, 1)
        self.limit = headers.limit or self.limit
        wait = headers.retry_after
        if wait is None:
            opens = self._opens()
            wait = self.window if opens is None else max(0.0, opens - at - MARGIN)
        self._blocked_until = max(self._blocked_until, at + wait + MARGIN)
        self._probing = True
        if self._reported:
            self._reported.ends_by = self._blocked_until
        return self._blocked_until - at

    def _hear(self, grant: Grant, sent_at: float, at: float, rank: int) -> None:
        if self._reported is None:
            # With a number that no grant has: requests in flight may belong to this window or to the one before.
            before = ReportedWindow(self._numbers, self._length)
            self._reported = before.opened_by(sent_at, at, rank, self._answered_after(sent_at))
            return
        match self._reported.holds(grant, sent_at, rank):
            case True:
                self._reported.hear(sent_at, at, rank, self._grants.values())
            case False:
                self._reported = self._reported.opened_by(sent_at, at, rank, self._answered_after(sent_at))
            case None:
                self._reported.suspect(at, rank, self._grants.values())

    def _answered_after(self, moment: float) -> list[float]:
        place = bisect_right(self._answered, (moment, inf))
        return [at for at, count in self._answered[place:] for _ in range(count)]

    def _room(self) -> int:
        if self._reported:
            return self.allowance - self._reported.used(self._grants.values())
        return self.allowance - self._recent - self.in_flight

    def _opens(self) -> float | None:
        """When requests may be sent again; None if that depends on a response that is still awaited."""
        if self._reported is None:
            return self._answered[0][0] + self._length if self._answered else None
        if self._reported.ends_by < inf:
            only_awaited = self._reported.rank + self._reported.uncertain < self.allowance
            return None if only_awaited and self._grants else self._reported.ends_by
        first = self._reported.first_to_leave()
        return None if first is None else first + self._length

    def _forget(self, now: float) -> None:
        """Stop counting what has left the window, and grants whose holder died."""
        for number in [number for number, grant in self._grants.items() if grant.expires <= now]:
            del self._grants[number]
        gone = 0
        while gone < len(self._answered) and self._answered[gone][0] + self._length <= now:
            self._recent -= self._answered[gone][1]
            gone += 1
        del self._answered[:gone]
        if self._reported is None:
            return
        if now >= self._reported.ends_by:
            self._reported = self._reported.next(now, self._answered_after(-inf))
        self._reported.forget(now)

    def _take_from(self, number: int, count: int) -> Grant:
        grant = self._grants.get(number) or Grant(number, 0, -inf, window=-2)
        grant.count -= count
        if grant.count <= 0:
            self._grants.pop(number, None)
        return grant

    def state(self, now: float) -> dict[str, Any]:
        """Everything learned, as JSON (`restore`)."""
        grain = self._length / BUCKETS
        # Grouped as if all were answered with the last of them: they count a moment longer.
        together = groupby(self._answered, key=lambda each: ceil(each[0] / grain))
        buckets = [list(bucket) for _, bucket in together]
        return {
            "at": now,
            "limit": self.limit,
            "numbers": self._numbers,
            "grants": [asdict(grant) for grant in self._grants.values()],
            "answered": [(bucket[-1][0], sum(count for _, count in bucket)) for bucket in buckets],
            "told": asdict(self._reported) if self._reported else None,
            "blocked_until": self._blocked_until,
            "probing": self._probing,
        }

    def restore(self, state: dict[str, Any], now: float) -> None:
        """Continue from what was learned before, by this process or another one of the account."""
        self._blocked_until, self._probing = state["blocked_until"], state["probing"]
        self._numbers = state["numbers"]
        if now > max(state["at"] + 2 * self._length, self._blocked_until):
            return  # All of it has left the window, and the limit may have changed.
        self.limit = state["limit"]
        self._grants = {each["number"]: Grant(**each) for each in state["grants"]}
        self._answered = [(at, count) for at, count in state["answered"]]
        self._recent = sum(count for _, count in self._answered)
        self._reported = ReportedWindow(**state["told"]) if state["told"] else None
        if self._reported:
            self._reported.suspected = [(at, rank) for at, rank in self._reported.suspected]
