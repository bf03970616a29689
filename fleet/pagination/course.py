"""One reading of a list that moves while it is read: what every order of it has in common (`fleet.pagination.walk`).

Pages are cut by place. What is added before a place moves rows down, and one is seen twice; what is deleted before it
moves rows up, and one slips through between two pages. A page and its `total` are taken to be of one moment. Pure.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Final, Generic, TypeVar

from fleet.serveravatar.models import Entry
from fleet.serveravatar.wire import Page

Row = TypeVar("Row", bound=Entry)

TRIES: Final = 3
"""How often a place in the list, or all of it, is read again until it holds still."""
KEPT_CHANGING: Final = "the list of backups kept changing while it was read"


class UnprovenError(ValueError):
    """What the list holds cannot be proven; the text says why."""


class MovedError(ValueError):
    """Rows moved, and what was missed may be anywhere: only a new reading tells."""


class OutOfOrderError(ValueError):
    """The list is not in the order that its first page was in; or rows came in above, more than a page of them."""

    def __init__(self, *, may_have_moved: bool = False) -> None:
        self.may_have_moved = may_have_moved
        super().__init__("the list is in another order")


class Course(ABC, Generic[Row]):
    """One reading of the list.

    Attributes:
        seen: the rows that are proven to be all there were between the newest and the oldest of them, by id.
        next_page: the number of the page to read next; None: done.
        has_moved: whether anything shows that rows came or went meanwhile.
        has_totals: whether every page told how many rows the list has.
        is_whole: whether all of the list was read.
        total: how many rows the list had when it was asked last.
        read: the numbers of the pages that were read, with how many rows of each had no id.
    """

    def __init__(self) -> None:
        self.seen: dict[int, Row] = {}
        self.next_page: int | None = None
        self.has_moved = False
        self.has_totals = True
        self.is_whole = False
        self.total: int | None = None
        self.read: dict[int, int] = {}
        self._known: AbstractSet[int] = frozenset()
        self._looks = 0
        self._pages_of_look = 0

    @abstractmethod
    def take(self, page: Page, rows: Sequence[Row]) -> list[Row]:
        """Learn from the page that was asked for.

        Returns:
            The rows that are seen for the first time and nothing of which was missed before, the newest first where
            the list is in order.

        Raises:
            OutOfOrderError: the list is in another order.
            MovedError: everything has to be read again.
            UnprovenError: it will not hold still, or shows less than it says it has.
        """

    @abstractmethod
    def enough(self) -> None:
        """Older rows could change nothing: read no further down."""

    @property
    def is_going_down(self) -> bool:
        """Whether the next page shows older rows."""
        return self.next_page is not None and not self._looks

    def _look_from(self, number: int, *, known: AbstractSet[int]) -> None:
        """Read the newest rows again, from a page on.

        Args:
            number: of the page.
            known: the ids of rows below which nothing was missed: it is read until one of them is met.

        Raises:
            UnprovenError: that was done often enough.
        """
        if self._looks == TRIES:
            raise UnprovenError(KEPT_CHANGING)
        self._known, self._looks, self._pages_of_look, self.next_page = frozenset(known), self._looks + 1, 0, number

    def _count(self, page: Page, rows: Sequence[Row]) -> None:
        """Note what a page tells of the list's length."""
        total = total_of(page)
        self.has_totals = self.has_totals and total is not None
        self.has_moved = self.has_moved or (None not in (total, self.total) and total != self.total)
        self.total = self.total if total is None else total
        self.read[page.number] = len(page.rows) - len(rows)

    def _absorb(self, rows: Sequence[Row]) -> list[Row]:
        """Keep the rows that were not seen before; return them."""
        fresh = [row for row in rows if row.id not in self.seen]
        self.seen |= {row.id: row for row in fresh}
        return fresh

    def _finish_whole(self) -> None:
        """End a reading of everything, unless the list says that it has more."""
        shown = len(self.seen) + sum(self.read.values())
        if self.has_totals and self.total is not None and shown < self.total:
            if self.has_moved:
                raise MovedError(KEPT_CHANGING)
            raise UnprovenError(f"the list shows {shown} entries and says it has {self.total}")
        self.is_whole, self.next_page = True, None


def total_of(page: Page) -> int | None:
    """How many rows the list has; None where the page does not tell, or tells what cannot be."""
    before = (page.number - 1) * (page.size or len(page.rows))
    return None if page.total is None or (page.rows and page.total < before + len(page.rows)) else page.total


def last_of(page: Page) -> int | None:
    """The number of the last page; None where nothing tells."""
    total = total_of(page)
    return page.last if page.last is not None or total is None or not page.size else -(-total // page.size)


def refuse_a_cut(page: Page) -> None:
    """Refuse a list that ends before the last page that it tells of.

    Raises:
        UnprovenError: it does.
    """
    if page.last is not None and page.number < page.last:
        raise UnprovenError(f"the list ended on page {page.number} of {page.last}")
