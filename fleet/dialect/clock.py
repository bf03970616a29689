"""How far the API's clock is from this machine's, by the `Date` of an answer. Pure: the time is an argument."""

from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime


def clock_error(headers: Mapping[str, str], heard_at: float) -> float | None:
    """Read off an answer how far the API's clock is ahead.

    Args:
        headers: of the answer; names in lower case.
        heard_at: when the answer came; epoch seconds of this machine's clock.

    Returns:
        Seconds, negative where it is behind, to about a second, since that is what `Date` tells; None where the answer
        tells no time.
    """
    try:
        date = parsedate_to_datetime(headers.get("date", ""))
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - heard_at
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
