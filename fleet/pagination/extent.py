"""How a list of backups lies: how long it is, how long its pages are, and which of its ends is the newest."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from fleet.serveravatar.backup_rows import read_backups
from fleet.serveravatar.wire import Page

IN_ORDER: Final = 4
"""So many rows in one order are no accident: from fewer nothing is concluded that could hide a backup."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How the list lay before anything was sent.

    Attributes:
        total: how many entries it had.
        size: how many entries a full page has.
        newest_first: whether its newest entry came first; else its oldest.
    """

    total: int
    size: int
    newest_first: bool = True


def extent_of(first: Page) -> Extent | None:
    """Read the extent of a list off its first page; None where the page does not tell, or is in no order."""
    ids = [row.id for row in read_backups(first.rows)]
    if first.total is None or not first.size or not (falls(ids) or falls(ids[::-1])):
        return None
    return Extent(first.total, first.size, newest_first=falls(ids))


def page_of(rank: int, extent: Extent) -> int:
    """The number of the page that shows the entry of a rank, 1 being the oldest; the first or last for one beyond."""
    index = max(0, extent.total - rank if extent.newest_first else rank - 1)
    return index // extent.size + 1


def falls(ids: Iterable[int]) -> bool:
    """Whether each id is lower than the one before: newest first."""
    return all(after < before for before, after in pairwise(ids))
