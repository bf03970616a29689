"""How fast an account may send: pure bookkeeping over times that it is told; the client only obeys.

The API counts requests in a fixed window that opens with the first request that it receives; when exactly that is, a
client cannot know. So no stretch of time as long as a window, wherever it begins, is given more requests than the
limit: then none that the API could count has more. A request counts from when it was sent until a window after it was
answered, since it may have arrived at any moment between.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

MARGIN = 0.05
"""Seconds added to every wait for a window, for clocks that tick apart."""


@dataclass(frozen=True, slots=True)
class RateLimitHeaders:
    """What an answer says of the limit; the framework's habit, not the vendor's promise, so each may be missing.

    Attributes:
        limit: requests a window.
        remaining: requests that the window still takes.
        retry_after: seconds until the next may be sent; on a 429.
    """

    limit: int | None = None
    remaining: int | None = None
    retry_after: float | None = None


def read_headers(headers: Mapping[str, str], wall_clock: float) -> RateLimitHeaders:
    """Read the rate limit's headers; names in lower case.

    Args:
        headers: of the answer.
        wall_clock: now in epoch seconds, for the headers that name a time rather than a span.
    """
    return RateLimitHeaders(
        limit=_whole(headers.get("x-ratelimit-limit")) or None,
        remaining=_whole(headers.get("x-ratelimit-remaining")),
        retry_after=_retry_after(headers, wall_clock),
    )


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and text.strip().isdecimal() else None


def _retry_after(headers: Mapping[str, str], wall_clock: float) -> float | None:
    text = headers.get("retry-after", "")
    if (seconds := _whole(text)) is not None:
        return float(seconds)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - wall_clock)
    except ValueError:
        reset = _whole(headers.get("x-ratelimit-reset"))
        return max(0.0, reset - wall_clock) if reset is not None else None


class Pace:
    """The budget of one account: asked before a request is sent, told when it was sent and answered.

    Times are seconds of one monotonic clock that the caller reads.

    Attributes:
        limit: requests a window: as configured, until the API's headers say otherwise.
    """

    def __init__(self, limit: int, window: float, share: float) -> None:
        """Begin with an untouched window.

        Args:
            limit: requests a window.
            window: its length in seconds.
            share: the part of the limit that is used; the rest is left to other programs on the same key.
        """
        self.limit = limit
        self._window = window + MARGIN
        self._share = share
        self._under_way = 0
        # When each stops to count. Not when it was answered: a sum is compared to now, and rounding is the same always.
        self._leaving: deque[float] = deque()
        self._blocked_until = float("-inf")
        self._remaining: int | None = None
        self._remaining_since = float("-inf")

    @property
    def allowance(self) -> int:
        """How many requests of a window are this program's: its share of the limit, and at least one."""
        return max(1, int(self.limit * self._share))

    def delay(self, now: float) -> float | None:
        """How long to wait until a request may be sent.

        Returns:
            Seconds; 0 when there is room now. None when that depends on an answer that is still awaited.
        """
        if now < self._blocked_until:
            return self._blocked_until - now
        while self._leaving and self._leaving[0] <= now:
            self._leaving.popleft()
        if self._remaining is not None and now >= self._remaining_since + self._window:
            self._remaining = None
        waits = [0.0]
        if len(self._leaving) + self._under_way >= self.allowance:
            if not self._leaving:
                return None
            waits.append(self._leaving[0] - now)
        if self._remaining is not None and self._remaining - self._under_way <= 0:
            if self._under_way:
                return None
            waits.append(self._remaining_since + self._window - now)
        return max(waits)

    def sent(self) -> None:
        """Count a request that is being sent."""
        self._under_way += 1

    def answered(self, now: float, headers: RateLimitHeaders) -> None:
        """Take an answer, or the failure to get one, into account."""
        self._under_way -= 1
        self._leaving.append(now + self._window)
        if headers.limit is not None:
            self.limit = headers.limit
        if headers.remaining is not None:
            # Answers overtake each other by as many as are under way; a greater jump is a new window.
            if self._remaining is None or headers.remaining > self._remaining + self._under_way + 1:
                self._remaining_since = now
                self._remaining = headers.remaining
            self._remaining = min(self._remaining, headers.remaining)

    def refused(self, now: float, headers: RateLimitHeaders) -> float:
        """Take a 429 into account: nothing is sent until the API takes requests again.

        Returns:
            The seconds until then.
        """
        wait = headers.retry_after
        if wait is None:
            wait = self._window if not self._leaving else max(0.0, self._leaving[0] - now)
        self._blocked_until = max(self._blocked_until, now + wait + MARGIN)
        self._remaining = None
        return self._blocked_until - now
