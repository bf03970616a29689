"""What people read about a long wait: the reason, how long, how many are left, and when the run may be done.

Pure: every function takes the time.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from fleet.serveravatar.rate_limit.pace import Cause
from fleet.serveravatar.rate_limit.rhythm import Rhythm

NEEDS: Final = {"create": 1.1}
"""Requests a target still needs in a phase: its create, and a tenth of a page of the backup list to prove it. What
other phases need is not known until they end, so no end is estimated for them."""
MATTERS_SECONDS: Final = 5.0
"""Shorter waits are not worth a line."""
EVERY_SECONDS: Final = 30.0
"""Least time between two lines."""


@dataclass(frozen=True, slots=True)
class Wait:
    """A reported wait.

    Attributes:
        reason: what the run waits for.
        until: when it ends, in seconds of the caller's clock.
        rhythm: of the budget, if the run waits for the budget.
    """

    reason: str
    until: float
    rhythm: Rhythm | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a phase is: its name, its targets, and how many of them are done."""

    phase: str
    total: int
    done: int


SPANS: Final = {"select": (0.0, 5.0), "check": (5.0, 10.0), "create": (10.0, 60.0), "verify": (60.0, 100.0)}
"""The percentages of a run between which each phase is shown."""


def percent_done(progress: Progress) -> float:
    """How far a run is, in percent: never decreasing between phases, and 100 only at the end."""
    first, last = SPANS.get(progress.phase, (0.0, 0.0))
    share = min(1.0, progress.done / progress.total) if progress.total else 0.0
    return round(min(99.0, first + (last - first) * share), 1)


def seconds_left(targets: int, needs: float, rhythm: Rhythm, opens_in: float, room: int = 0) -> float:
    """Estimate how long the budget makes a run take.

    Args:
        targets: those left.
        needs: requests that each of them still needs.
        rhythm: of the budget.
        opens_in: seconds until the next window opens.
        room: requests left in this window.

    Returns:
        Seconds until the last request can be sent.
    """
    requests = ceil(targets * needs - 1e-9) - room
    windows = ceil(requests / rhythm.allowance)
    return opens_in + (windows - 1) * rhythm.window if windows > 0 else 0.0


def described(wait: Wait, progress: Progress, now: float, wall_clock: datetime) -> str:
    """Describe a wait: `312 of 1,000, rate limit reached: continuing in 21 s, done about 14:32`.

    Args:
        wait: the wait.
        progress: of the phase.
        now: in seconds of the clock of `wait`.
        wall_clock: now, as people read it.
    """
    left = max(0.0, wait.until - now)
    parts = [f"{progress.done:,} of {progress.total:,}"] if progress.total else []
    if wait.rhythm and wait.reason.startswith(Cause.WINDOW):
        parts.append(f"rate limit reached: continuing in {_span(left)}")
    else:
        parts.append(f"waiting {_span(left)} for {wait.reason}")
    needs = NEEDS.get(progress.phase)
    if wait.rhythm and needs:
        done_in = seconds_left(progress.total - progress.done, needs, wait.rhythm, left)
        parts.append(f"done about {wall_clock + timedelta(seconds=done_in):%H:%M}")
    return ", ".join(parts)


def _span(seconds: float) -> str:
    """Seconds, minutes from two of them, hours from two of them; rounded up, so that it never shows `0 s` too early."""
    whole = ceil(seconds - 1e-9)
    if whole < 2 * 60:
        return f"{whole} s"
    if whole < 2 * 3600:
        return f"{whole // 60} min {whole % 60} s".removesuffix(" 0 s")
    minutes = ceil(whole / 60)
    return f"{minutes // 60} h {minutes % 60} min".removesuffix(" 0 min")


class Seldom:
    """Decides which waits get a line in a log, where nothing can be shown live."""

    def __init__(self) -> None:
        self._last = float("-inf")

    def is_worth_a_line(self, wait: Wait, now: float) -> bool:
        """Whether to log this wait now: it matters, and the last line was long enough ago."""
        if wait.until - now < MATTERS_SECONDS or now - self._last < EVERY_SECONDS:
            return False
        self._last = now
        return True
