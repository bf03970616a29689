"""A walk over a list that changes while it is read: which page to read next, and what is proven by then.

Pure: given what each page showed, it decides whether to continue, to read a page again, or that nothing can be proven.
A list that holds still is read page by page, plus one page twice if nothing else shows that it did.
"""

from collections.abc import Sequence
from typing import Generic

from fleet.pagination.layout import is_descending
from fleet.pagination.newest_first import NewestFirst
from fleet.pagination.oldest_first import OldestFirst
from fleet.pagination.traversal import (
    KEPT_CHANGING,
    TRIES,
    MovedError,
    OutOfOrderError,
    Row,
    Traversal,
    UnprovenError,
    last_of,
)
from fleet.pagination.unordered import Unordered
from fleet.serveravatar.untrusted.list_length import ListLength
from fleet.serveravatar.wire import Page


class Walk(Generic[Row]):
    """Decides how a list is read, in the order that it turns out to be in.

    Attributes:
        traversals: how many traversals were begun; each discards what the one before has seen.
        pages: how many pages were requested.
        is_in_order: whether ids descend from the newest end, as far as the list was read.
    """

    def __init__(self) -> None:
        self.traversals = 1
        self.pages = 0
        self.is_in_order = True
        self._traversal: Traversal[Row] | None = None
        self._length = ListLength()

    @property
    def next_page(self) -> int | None:
        """The number of the page to read next; None when the walk is over."""
        return self._traversal.next_page if self._traversal else 1

    @property
    def is_going_down(self) -> bool:
        """Whether the next page shows rows older than all that were seen."""
        return self.is_in_order and self._traversal is not None and self._traversal.is_going_down

    @property
    def seen(self) -> dict[int, Row]:
        """The rows of the list, by id."""
        return self._traversal.seen if self._traversal else {}

    @property
    def is_whole(self) -> bool:
        """Whether the whole list was read."""
        return self._traversal is not None and self._traversal.is_whole

    @property
    def doubt(self) -> str:
        """Why it is unproven that no row slipped through while the list was read; empty if it is proven."""
        if self._traversal is None or len(self._traversal.read) <= 1 or isinstance(self._traversal, OldestFirst):
            return ""
        if isinstance(self._traversal, Unordered):
            return "is in no order"
        return "" if self._traversal.has_totals else "does not show how many entries it has"

    def take(self, page: Page, rows: Sequence[Row]) -> list[Row]:
        """Learn from the page that was requested.

        Args:
            page: as it came.
            rows: its entries that could be read.

        Returns:
            Those that are new to the walk and above which nothing was missed; in an ordered list, the newest first.

        Raises:
            UnprovenError: the list does not hold still, or is not as long as it reports.
        """
        self.pages += 1
        if problem := self._length.exceeded(page):
            raise UnprovenError(problem)
        try:
            return self._taken(page, rows)
        except OutOfOrderError as error:
            if self._has_moved or (error.may_have_moved and self.traversals < TRIES):
                self._begin_again()
                return []
            self.is_in_order = False
        except MovedError:
            self._begin_again()
            return []
        try:
            return self._in_no_order(page, rows)
        except MovedError:
            self._begin_again()
            return []

    def enough(self) -> None:
        """Older rows could change nothing: read no further down."""
        if self._traversal:
            self._traversal.enough()

    def _taken(self, page: Page, rows: Sequence[Row]) -> list[Row]:
        if self._traversal:
            return self._traversal.take(page, rows)
        if not self.is_in_order:
            raise OutOfOrderError
        ids = [row.id for row in rows]
        if is_descending(ids):
            self._traversal = NewestFirst(page, rows)
            return list(rows)
        if is_descending(ids[::-1]) and page.more and last_of(page) is not None:
            self._traversal = OldestFirst(page, rows)
            return []
        raise OutOfOrderError

    def _in_no_order(self, page: Page, rows: Sequence[Row]) -> list[Row]:
        self._traversal = Unordered(self._traversal)
        return self._traversal.take(page, rows)

    @property
    def _has_moved(self) -> bool:
        return self._traversal is not None and self._traversal.has_moved

    def _begin_again(self) -> None:
        self.traversals += 1
        self._traversal, self._length = None, ListLength()
        if self.traversals > TRIES:
            raise UnprovenError(KEPT_CHANGING)
