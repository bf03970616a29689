"""A walk over a list that moves while it is read: which page to read next, and what is proven by then.

Pure: it is told what each page showed, and says whether to go on, to read a page again, or that nothing can be proven.
Of a list that holds still it reads each page once, and one page a second time where nothing else shows that it did.
"""

from collections.abc import Sequence
from typing import Generic

from fleet.pagination.course import (
    KEPT_CHANGING,
    TRIES,
    Course,
    MovedError,
    OutOfOrderError,
    Row,
    UnprovenError,
    last_of,
)
from fleet.pagination.extent import falls
from fleet.pagination.newest_first import Falling
from fleet.pagination.oldest_first import Rising
from fleet.pagination.unordered import Unordered
from fleet.serveravatar.wire import Page


class Walk(Generic[Row]):
    """Decides how a list is read.

    Attributes:
        readings: how many readings were begun; with each, what was seen in the one before counts no more.
        pages: how many pages were asked for.
        is_in_order: whether ids fall from the newest end on, as far as the list was read.
    """

    def __init__(self) -> None:
        self.readings = 1
        self.pages = 0
        self.is_in_order = True
        self._course: Course[Row] | None = None

    @property
    def next_page(self) -> int | None:
        """The number of the page to read next; None when the walk is over."""
        return self._course.next_page if self._course else 1

    @property
    def is_going_down(self) -> bool:
        """Whether the next page shows rows that are older than all that were seen."""
        return self.is_in_order and self._course is not None and self._course.is_going_down

    @property
    def seen(self) -> dict[int, Row]:
        """The rows of the list, by id."""
        return self._course.seen if self._course else {}

    @property
    def is_whole(self) -> bool:
        """Whether all of the list was read."""
        return self._course is not None and self._course.is_whole

    @property
    def doubt(self) -> str:
        """Why nothing proves that no row slipped through while the list was read; empty where it is proven."""
        if self._course is None or len(self._course.read) <= 1 or isinstance(self._course, Rising):
            return ""
        if isinstance(self._course, Unordered):
            return "is in no order"
        return "" if self._course.has_totals else "does not say how many entries it has"

    def take(self, page: Page, rows: Sequence[Row]) -> list[Row]:
        """Learn from the page that was asked for.

        Args:
            page: the page as it came.
            rows: its entries that could be read.

        Returns:
            Those that are new to the walk and above which nothing was missed; while it is in order, the newest first.

        Raises:
            UnprovenError: the list will not hold still, or shows less than it says it has.
        """
        self.pages += 1
        try:
            return self._taken(page, rows)
        except OutOfOrderError as error:
            if self._has_moved or (error.may_have_moved and self.readings < TRIES):
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
        if self._course:
            self._course.enough()

    def _taken(self, page: Page, rows: Sequence[Row]) -> list[Row]:
        if self._course:
            return self._course.take(page, rows)
        if not self.is_in_order:
            raise OutOfOrderError
        ids = [row.id for row in rows]
        if falls(ids):
            self._course = Falling(page, rows)
            return list(rows)
        if falls(ids[::-1]) and page.more and last_of(page) is not None:
            self._course = Rising(page, rows)
            return []
        raise OutOfOrderError

    def _in_no_order(self, page: Page, rows: Sequence[Row]) -> list[Row]:
        self._course = Unordered(self._course)
        return self._course.take(page, rows)

    @property
    def _has_moved(self) -> bool:
        return self._course is not None and self._course.has_moved

    def _begin_again(self) -> None:
        self.readings += 1
        self._course = None
        if self.readings > TRIES:
            raise UnprovenError(KEPT_CHANGING)
