"""When a look of a watch reads everything awaited, and not only up to the first backup that still runs. Pure."""

from typing import Final

SECONDS_A_PAGE: Final = 4.0
"""Seconds that a full read is put off for each page it takes: a quarter of the lowest rate limit."""
PATIENCE: Final = (10.0, 300.0)
"""Least and most seconds that it is put off; doubled each time that it shows no end, at most twice."""


def is_due(since: float, pages: int, in_vain: int) -> bool:
    """Decide whether to read everything awaited.

    Args:
        since: seconds since the last full read.
        pages: how many pages it takes.
        in_vain: how many consecutive full reads showed no backup ended.
    """
    least, most = PATIENCE
    return since >= min(max(SECONDS_A_PAGE * pages, least), most) * (1, 2, 4)[min(in_vain, 2)]


class FullReads:
    """Schedules the full reads of one watch.

    Attributes:
        is_now: whether the current look is a full read.
    """

    def __init__(self, awaited: int) -> None:
        """Begin with the number of backups awaited."""
        self.is_now = False
        self._at = 0.0
        self._in_vain = 0
        self._awaited = awaited

    def begin_look(self, elapsed: float, pages: int, awaited: int, *, last: bool) -> None:
        """Decide for the look that begins.

        Args:
            elapsed: seconds since the watch began.
            pages: how many pages a full read takes.
            awaited: how many backups are awaited now.
            last: whether it is the last look, which is always a full read.
        """
        if self.is_now:
            self._in_vain = self._in_vain + 1 if awaited == self._awaited else 0
        self._awaited = awaited
        self.is_now = last or is_due(elapsed - self._at, pages, self._in_vain)
        if self.is_now:
            self._at = elapsed
