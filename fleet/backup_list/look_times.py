"""When to look again at running backups: soon after one may have ended, and seldom in vain.

Nobody knows how long a backup takes: looks begin close together and grow apart with the age of what runs. Once some
have ended, the others are expected to take about as long. Pure: ages and what was seen are arguments.
"""

from collections import deque
from collections.abc import Collection, Iterable
from typing import Final

LONGEST_INTERVAL: Final = 60.0
"""Most seconds between two looks."""
FIRST: Final = 1.0
"""The age in seconds at which the first look comes when nothing is known."""
LEAST: Final = 0.5
"""Least seconds between two looks."""
PAGE_SHARE: Final = 2
"""The pages of one look take half of the requests that the budget allows until the next."""
GROWTH_UNKNOWN, GROWTH_LATE = 1.5, 1.25
"""Growth of a backup's age from look to look: while its duration is unknown, and once it takes longer than expected."""
_KEPT: Final = 20


class LookTimes:
    """What was learned of how long the backups of a run take, and when to look next."""

    def __init__(self) -> None:
        self._durations: deque[float] = deque(maxlen=_KEPT)

    @property
    def expected(self) -> float | None:
        """Seconds that the next is expected to take: as long as recent quick ones; None before any has ended."""
        return sorted(self._durations)[len(self._durations) // 4] if self._durations else None

    def ended(self, age: float, since_last: float) -> None:
        """Learn from a backup that a look has shown to have ended.

        Args:
            age: seconds since it began.
            since_last: seconds since the look before, which showed it running if it had begun by then.
        """
        at_last = age - since_last
        self._durations.append((at_last + age) / 2 if at_last > 0 else 0.9 * age)

    def next(self, ages: Collection[float], since_last: float, page_seconds: float) -> float:
        """Decide when to look.

        Args:
            ages: seconds since each running backup has begun; at least one.
            since_last: seconds since the last look.
            page_seconds: seconds in which the budget allows the requests of one look.

        Returns:
            Seconds from now.
        """
        due = min(self._due_age(age - since_last) - age for age in ages)
        least = max(LEAST, (self.expected or 0.0) / 8, PAGE_SHARE * page_seconds)
        return max(0.0, min(max(due, least - since_last), LONGEST_INTERVAL - since_last))

    def _due_age(self, at_last: float) -> float:
        """The age at which a backup is looked at next, given its age at the last look."""
        expected = self.expected
        if expected is None:
            return max(FIRST, GROWTH_UNKNOWN * at_last)
        return expected if at_last < expected else GROWTH_LATE * at_last


def next_interval(elapsed: float, pages_in_vain: int) -> float:
    """How long a watch waits before its next look, once nothing is created any more.

    It grows with the time waited, so that the last backup is noticed late by at most half its own duration, and it is
    at least as many seconds as the last look read pages in vain.

    Args:
        elapsed: seconds since the first wait began.
        pages_in_vain: pages of the last look that showed no backup ended.

    Returns:
        Seconds.
    """
    return min(max(2.0 + elapsed / 2, float(pages_in_vain)), LONGEST_INTERVAL)


def until_expected(running: Iterable[tuple[float, float]]) -> float:
    """How long until backups are complete if each takes as long as its last one.

    What takes longer than that is not waited for again, and nothing is waited for longer than between other looks.

    Args:
        running: for each, the seconds since it was accepted, and those that its last one took; 0 if unknown.

    Returns:
        Seconds.
    """
    return min(max((usual - age for age, usual in running if usual > age), default=0.0), LONGEST_INTERVAL)
