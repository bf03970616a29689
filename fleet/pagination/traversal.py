"""One traversal of a list that changes while it is read: what all orders have in common (`fleet.pagination.walk`).

Pages are cut by position. What is added before a position moves rows down, so one is seen twice; what is deleted before
it moves rows up, so one slips through between two pages. A page and its `total` are assumed to be of one moment. Pure.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Final, Generic, TypeVar

from fleet.serveravatar.models import Entry
from fleet.serveravatar.wire import Page

Row = TypeVar("Row", bound=Entry)

TRIES: Final = 3
"""How often a part of the list, or all of it, is read until it holds still."""
KEPT_CHANGING: Final = "the backup list kept changing while it was read"


class UnprovenError(ValueError):
    """What the list holds cannot be proven; the message says why."""


class MovedError(ValueError):
    """Rows moved, and what was missed may be anywhere: the list must be read again."""


class OutOfOrderError(ValueError):
    """The list is not in the order of its first page, or more than a page of new rows came in above."""

    def __init__(self, *, may_have_moved: bool = False) -> None:
        self.may_have_moved = may_have_moved
        super().__init__("the list is in another order")


class Traversal(ABC, Generic[Row]):
    """One traversal of the list.

    Attributes:
        seen: by id, rows that are proven to be all rows between the newest and the oldest of them.
        next_page: the number of the page to read next; None: done.
        has_moved: whether anything shows that rows came or went during the traversal.
        has_totals: whether every page showed how many rows the list has.
        is_whole: whether the whole list was read.
        total: how many rows the list had at the last request.
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
        self._rereads = 0
        self._pages_reread = 0

    @abstractmethod
    def take(self, page: Page, rows: Sequence[Row]) -> list[Row]:
        """Learn from the page that was requested.

        Returns:
            The rows seen for the first time above which nothing was missed, the newest first if the list is in order.

        Raises:
            OutOfOrderError: the list is in another order.
            MovedError: everything must be read again.
            UnprovenError: the list does not hold still, or shows fewer rows than its total.
        """

    @abstractmethod
    def enough(self) -> None:
        """Older rows could change nothing: read no further down."""

    @property
    def is_going_down(self) -> bool:
        """Whether the next page shows older rows."""
        return self.next_page is not None and not self._rereads

    def _reread_from(self, number: int, *, known: AbstractSet[int]) -> None:
        """Read the newest rows again.

        Args:
            number: the page to begin with.
            known: the ids of rows below which nothing was missed: reading ends at one of them.

        Raises:
            UnprovenError: this has been done often enough.
        """
        if self._rereads == TRIES:
            raise UnprovenError(KEPT_CHANGING)
        self._known, self._rereads, self._pages_reread, self.next_page = frozenset(known), self._rereads + 1, 0, number

    def _count(self, page: Page, rows: Sequence[Row]) -> None:
        """Note what a page shows of the list's length."""
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
        """End a traversal of the whole list, unless its total is higher."""
        shown = len(self.seen) + sum(self.read.values())
        if self.has_totals and self.total is not None and shown < self.total:
            if self.has_moved:
                raise MovedError(KEPT_CHANGING)
            raise UnprovenError(f"the list shows {shown} entries and says it has {self.total}")
        self.is_whole, self.next_page = True, None


def total_of(page: Page) -> int | None:
    """How many rows the list has; None if the page does not show it, or shows an impossible number."""
    before = (page.number - 1) * (page.size or len(page.rows))
    return None if page.total is None or (page.rows and page.total < before + len(page.rows)) else page.total


def last_of(page: Page) -> int | None:
    """The number of the last page; None if unknown."""
    total = total_of(page)
    return page.last if page.last is not None or total is None or not page.size else -(-total // page.size)


def refuse_truncated(page: Page) -> None:
    """Refuse a list that ends before its announced last page.

    Raises:
        UnprovenError: it does.
    """
    if page.last is not None and page.number < page.last:
        raise UnprovenError(f"the list ended on page {page.number} of {page.last}")
