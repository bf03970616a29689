"""The rate limit headers of a response."""

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from fleet.serveravatar.untrusted.numbers import whole


@dataclass(frozen=True, slots=True)
class RateLimitHeaders:
    """The rate limit headers of a response; a habit of the framework, not promised by the vendor: each may be missing.

    Attributes:
        limit: requests per window.
        remaining: requests left in the window.
        retry_after: seconds until the next request may be sent, after a 429.
    """

    limit: int | None = None
    remaining: int | None = None
    retry_after: float | None = None

    @property
    def rank(self) -> int | None:
        """The position of the request within its window, from 1: each request gets a different one."""
        if self.limit is None or self.remaining is None:
            return None
        return max(1, self.limit - self.remaining)


def read_headers(headers: Mapping[str, str], wall_clock: float) -> RateLimitHeaders:
    """Read the rate limit headers; names in lower case.

    Args:
        headers: of the response.
        wall_clock: now in epoch seconds, for headers that hold a time instead of a duration.
    """
    return RateLimitHeaders(
        limit=whole(headers.get("x-ratelimit-limit")) or None,
        remaining=whole(headers.get("x-ratelimit-remaining")),
        retry_after=_retry_after(headers, wall_clock),
    )


def _retry_after(headers: Mapping[str, str], wall_clock: float) -> float | None:
    text = headers.get("retry-after", "")
    if (seconds := whole(text)) is not None:
        return float(seconds)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - wall_clock)
    except (ValueError, OverflowError):
        reset = whole(headers.get("x-ratelimit-reset"))
        return max(0.0, reset - wall_clock) if reset is not None else None
