"""What people are told of a long wait: for what, until when, how many are left, and when the run may be done.

Pure: every function is given the time.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from fleet.serveravatar.rate_limit.rhythm import Rhythm

NEEDS: Final = {"create": 1.1}
"""Requests that a target still needs in a phase: its create, and a tenth of a page of the list to prove it. What the
other phases need is not known before they have ended, so no end is foretold for them."""
MATTERS_SECONDS: Final = 5.0
"""Shorter waits are not worth a line."""
EVERY_SECONDS: Final = 30.0
"""No more than one line in so many seconds."""


@dataclass(frozen=True, slots=True)
class Wait:
    """A wait that was told.

    Attributes:
        reason: what is waited for.
        until: when it ends, in seconds of the caller's clock.
        rhythm: of the budget, when it is the budget that is waited for.
    """

    reason: str
    until: float
    rhythm: Rhythm | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a phase is: its name, how many targets it is over, and how many are done."""

    phase: str
    total: int
    done: int


SPANS: Final = {"select": (0.0, 5.0), "check": (5.0, 10.0), "create": (10.0, 60.0), "verify": (60.0, 100.0)}
"""From which to which percent of a run each phase is shown."""


def percent_done(progress: Progress) -> float:
    """How far a run is, in percent: it never goes back from phase to phase, and only its end is 100."""
    first, last = SPANS.get(progress.phase, (0.0, 0.0))
    share = min(1.0, progress.done / progress.total) if progress.total else 0.0
    return round(min(99.0, first + (last - first) * share), 1)


def seconds_left(targets: int, needs: float, rhythm: Rhythm, opens_in: float, room: int = 0) -> float:
    """Estimate how long the budget makes a run take.

    Args:
        targets: that are left.
        needs: requests that each of them still needs.
        rhythm: of the budget.
        opens_in: seconds until the next window opens.
        room: requests that this window still takes.

    Returns:
        Seconds until the last request can be sent.
    """
    requests = ceil(targets * needs - 1e-9) - room
    windows = ceil(requests / rhythm.allowance)
    return opens_in + (windows - 1) * rhythm.window if windows > 0 else 0.0


def described(wait: Wait, progress: Progress, now: float, wall_clock: datetime) -> str:
    """Say what a run waits for: `312 of 1,000, window opens in 21 s, done about 14:32`.

    Args:
        wait: what was told.
        progress: of the phase.
        now: in seconds of the clock that `wait` was told by.
        wall_clock: now, as people read it.
    """
    left = max(0.0, wait.until - now)
    parts = [f"{progress.done:,} of {progress.total:,}"]
    if wait.rhythm and wait.reason.startswith("the next window"):
        parts.append(f"window opens in {_span(left)}")
    else:
        parts.append(f"waiting {_span(left)} for {wait.reason}")
    needs = NEEDS.get(progress.phase)
    if wait.rhythm and needs:
        done_in = seconds_left(progress.total - progress.done, needs, wait.rhythm, left)
        parts.append(f"done about {wall_clock + timedelta(seconds=done_in):%H:%M}")
    return ", ".join(parts)


def _span(seconds: float) -> str:
    """Whole seconds, rounded up so that nothing is still awaited at `0 s`; minutes from two of them."""
    whole = ceil(seconds - 1e-9)
    return f"{whole} s" if whole < 120 else f"{whole // 60} min {whole % 60} s"  # noqa: PLR2004 - two minutes


class Seldom:
    """Decides which waits get a line where nothing can be shown live."""

    def __init__(self) -> None:
        self._last = float("-inf")

    def is_worth_a_line(self, wait: Wait, now: float) -> bool:
        """Whether this wait is told now: it matters, and the last line was long enough ago."""
        if wait.until - now < MATTERS_SECONDS or now - self._last < EVERY_SECONDS:
            return False
        self._last = now
        return True
