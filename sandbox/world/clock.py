"""The sandbox's own time: real, speeded or turned by hand."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo

START_FORMAT = "%Y-%m-%d %H:%M"


class Clock:
    """Time in seconds since the epoch, which passes `factor` times as fast as real time.

    Args:
        factor: seconds that pass here in one real second; 0 stands still until `advance`.
        offset: how far this clock is ahead of real time at its start (from an earlier run), in seconds.
        real: real time, in seconds since the epoch.
    """

    def __init__(self, factor: float = 1.0, offset: float = 0.0, real: Callable[[], float] = time.time) -> None:
        self._factor = factor
        self._real = real
        self._real_start = real()
        self._start = self._real_start + offset

    @property
    def factor(self) -> float:
        """Seconds that pass here in one real second."""
        return self._factor

    def now(self) -> float:
        """The sandbox's time, in seconds since the epoch."""
        return self._start + (self._real() - self._real_start) * self._factor

    def advance(self, seconds: float) -> None:
        """Turn the clock forward by `seconds`."""
        self._start += seconds

    def offset(self) -> float:
        """How far this clock is ahead of real time now, in seconds; what a restart goes on with."""
        return self.now() - self._real()


def api_time(seconds: float | None) -> str | None:
    """Write a time as the API's examples do: `2025-02-11 11:12:22`, UTC."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")


def read_start(text: str, zone: tzinfo = UTC) -> float | None:
    """Read `Y-m-d H:i` in a zone; None if it is no such time."""
    try:
        return datetime.strptime(text, START_FORMAT).replace(tzinfo=zone).timestamp()
    except ValueError:
        return None


def write_start(seconds: float | None, zone: tzinfo = UTC) -> str | None:
    """Write a start time as `Y-m-d H:i` in a zone: what `read_start` reads."""
    return None if seconds is None else datetime.fromtimestamp(seconds, zone).strftime(START_FORMAT)
