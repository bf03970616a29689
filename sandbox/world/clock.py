"""The sandbox's time: real, accelerated or advanced manually."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo

START_FORMAT = "%Y-%m-%d %H:%M"


class Clock:
    """Time in seconds since the epoch, passing `factor` times as fast as real time.

    Args:
        factor: seconds that pass here per real second; 0 stops the clock until `advance`.
        offset: how far this clock is ahead of real time at its start (after a restart), in seconds.
        real: real time, in seconds since the epoch.
    """

    def __init__(self, factor: float = 1.0, offset: float = 0.0, real: Callable[[], float] = time.time) -> None:
        self._factor = factor
        self._real = real
        self._real_start = real()
        self._start = self._real_start + offset

    @property
    def factor(self) -> float:
        """Seconds that pass here per real second."""
        return self._factor

    def now(self) -> float:
        """The sandbox's time, in seconds since the epoch."""
        return self._start + (self._real() - self._real_start) * self._factor

    def advance(self, seconds: float) -> None:
        """Advance the clock by `seconds`."""
        self._start += seconds

    def offset(self) -> float:
        """How far this clock is ahead of real time now, in seconds; a restart continues from it."""
        return self.now() - self._real()


def api_time(seconds: float | None) -> str | None:
    """Write a time as the API's examples do: `2025-02-11 11:12:22`, UTC."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")


def read_start(text: str, zone: tzinfo = UTC) -> float | None:
    """Read `Y-m-d H:i` in a zone; None if it is not such a time."""
    try:
        return datetime.strptime(text, START_FORMAT).replace(tzinfo=zone).timestamp()
    except ValueError:
        return None


def write_start(seconds: float | None, zone: tzinfo = UTC) -> str | None:
    """Write a start time as `Y-m-d H:i` in a zone: what `read_start` reads."""
    return None if seconds is None else datetime.fromtimestamp(seconds, zone).strftime(START_FORMAT)
