"""Laravel's default rate limit: a fixed window that opens with the first request."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Allowance:
    """The limiter's decision on one request.

    Attributes:
        allowed: whether the request is allowed.
        limit: requests per window; None for no limit.
        remaining: requests left in this window.
        retry_after: seconds until the window ends.
    """

    allowed: bool
    limit: int | None
    remaining: int
    retry_after: float

    def headers(self, now: float) -> dict[str, str]:
        """The headers of the answer; `now` is in seconds since the epoch.

        Source: serveravatar-api.md, "Ground rules" (limit and remaining always, the others on a 429).
        """
        headers: dict[str, str] = {}
        if self.limit is not None:
            headers["X-RateLimit-Limit"] = str(self.limit)
            headers["X-RateLimit-Remaining"] = str(self.remaining)
        if not self.allowed:
            # Whole seconds, rounded up: a client that waits that long must find the window over.
            headers["Retry-After"] = str(max(1, math.ceil(self.retry_after)))
            headers["X-RateLimit-Reset"] = str(math.ceil(now + self.retry_after))
        return headers


class FixedWindow:
    """Counts requests in windows; one opens with the first request after the last one ended."""

    def __init__(self, limit: int | None, window_seconds: float) -> None:
        self._limit = limit
        self._seconds = window_seconds
        self._ends = 0.0
        self._used = 0
        self._closed_until = 0.0

    def close_for(self, seconds: float, now: float) -> None:
        """Refuse every request for `seconds` from now, whatever remains."""
        self._closed_until = max(self._closed_until, now + seconds)

    def peek(self, now: float) -> Allowance:
        """What remains, without counting a request."""
        used = self._used if now < self._ends else 0
        remaining = 0 if self._limit is None else self._limit - used
        return Allowance(allowed=True, limit=self._limit, remaining=remaining, retry_after=0.0)

    def take(self, now: float) -> Allowance:
        """Count one request at `now` (of a monotonic clock) and decide whether it is allowed."""
        if now < self._closed_until:
            return Allowance(allowed=False, limit=self._limit, remaining=0, retry_after=self._closed_until - now)
        if now >= self._ends:
            self._ends, self._used = now + self._seconds, 0
        if self._limit is None:
            return Allowance(allowed=True, limit=None, remaining=0, retry_after=0.0)
        if self._used >= self._limit:
            return Allowance(allowed=False, limit=self._limit, remaining=0, retry_after=self._ends - now)
        self._used += 1
        return Allowance(allowed=True, limit=self._limit, remaining=self._limit - self._used, retry_after=0.0)
