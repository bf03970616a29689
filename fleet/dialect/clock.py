"""How far the API's clock is ahead of this machine's, by the `Date` of a response. Pure: the time is an argument."""

from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime


def clock_error(headers: Mapping[str, str], heard_at: float) -> float | None:
    """How far the API's clock is ahead, by one response.

    Args:
        headers: of the response; names in lower case.
        heard_at: when it came; epoch seconds of this machine's clock.

    Returns:
        Seconds, negative if it is behind, accurate to about a second, as `Date` is; None if the response has no usable
        `Date`.
    """
    try:
        date = parsedate_to_datetime(headers.get("date", ""))
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - heard_at
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
