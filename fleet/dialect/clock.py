"""The API's clock and time zone: how far its `Date` is ahead of this machine, and how an offset is written. Pure."""

from collections.abc import Mapping
from datetime import UTC, timedelta
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


def utc_offset(offset: timedelta) -> str:
    """Write a time zone offset, for example `UTC+05:30`."""
    minutes = round(abs(offset.total_seconds()) / 60)
    return f"UTC{'-' if offset < timedelta() else '+'}{minutes // 60:02}:{minutes % 60:02}"
