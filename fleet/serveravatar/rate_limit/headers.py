"""What an answer says of the limit."""

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime


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

    @property
    def rank(self) -> int | None:
        """The how-manieth request of its window the answered one was: each is told another."""
        if self.limit is None or self.remaining is None:
            return None
        return max(1, self.limit - self.remaining)


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
    return int(text.strip()) if text is not None and text.strip().isdecimal() else None


def _retry_after(headers: Mapping[str, str], wall_clock: float) -> float | None:
    text = headers.get("retry-after", "")
    if (seconds := _whole(text)) is not None:
        return float(seconds)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - wall_clock)
    except ValueError:
        reset = _whole(headers.get("x-ratelimit-reset"))
        return max(0.0, reset - wall_clock) if reset is not None else None
