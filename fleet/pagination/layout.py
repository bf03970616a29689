"""How a backup list is laid out: how long it is, how long its pages are, and at which end its newest entry is."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from fleet.serveravatar.backup_rows import read_backups
from fleet.serveravatar.wire import Page

IN_ORDER: Final = 4
"""Rows in one order that rule out an accident; from fewer, nothing is concluded that could hide a backup."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How the list was laid out before anything was sent.

    Attributes:
        total: how many entries it had.
        size: how many entries a full page has.
        newest_first: whether its newest entry came first; otherwise its oldest did.
    """

    total: int
    size: int
    newest_first: bool = True


def layout_of(first: Page) -> Layout | None:
    """Read the layout of a list off its first page; None if the page does not show it, or is in no order."""
    ids = [row.id for row in read_backups(first.rows)]
    if first.total is None or not first.size or not (is_descending(ids) or is_descending(ids[::-1])):
        return None
    return Layout(first.total, first.size, newest_first=is_descending(ids))


def page_of(rank: int, layout: Layout) -> int:
    """The number of the page that shows the entry of a rank, 1 being the oldest; the first or last page beyond them."""
    index = max(0, layout.total - rank if layout.newest_first else rank - 1)
    return index // layout.size + 1


def is_descending(ids: Iterable[int]) -> bool:
    """Whether each id is lower than the one before: newest first."""
    return all(after < before for before, after in pairwise(ids))
