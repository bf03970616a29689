"""Reading a list that is newest first (`fleet.pagination.walk`). Pure."""

from collections.abc import Sequence

from fleet.pagination.layout import is_descending
from fleet.pagination.traversal import (
    KEPT_CHANGING,
    TRIES,
    MovedError,
    OutOfOrderError,
    Row,
    Traversal,
    UnprovenError,
    last_of,
    refuse_truncated,
    total_of,
)
from fleet.serveravatar.wire import Page


class NewestFirst(Traversal[Row]):
    """Newest first: read from the first page on.

    New rows come in above, so a row can slip through only if more were deleted than added: then the list is shorter
    than a page ago. Reading goes back until it meets a known row, and continues down from there.
    """

    def __init__(self, page: Page, rows: Sequence[Row]) -> None:
        super().__init__()
        self._first = [row.id for row in rows]
        self._page = page
        self._full = len(page.rows)
        self._doubts = 0
        self._read_twice = 0
        self._goes_back = False
        self._is_same = False
        self._page_before = page
        self._is_at_end = False
        self._count(page, rows)
        self._absorb(rows)
        self._continue(page)

    def take(self, page: Page, rows: Sequence[Row]) -> list[Row]:
        """Learn from the page that was requested."""
        if not is_descending(row.id for row in rows):
            raise OutOfOrderError
        if self._rereads:
            return self._reread(page, rows)
        if self._goes_back:
            return self._go_back(page, rows)
        rows = self._without_new(page, rows)
        is_known = any(row.id in self.seen for row in rows)
        if page.more and page.rows == self._page.rows and page.total == self._page.total:
            return self._read_same(page)
        if page.more and len(page.rows) < self._full and self._read_twice != page.number:
            self._read_twice, self.has_moved = page.number, True
            return []
        if not is_known and _shrank(self._page, page):
            return self._doubt(page)
        self._doubts, self.has_moved = 0, self.has_moved or is_known or self._is_same
        self._is_same = False
        return self._join(page, rows)

    def enough(self) -> None:
        """Read the newest rows again if something moved, or if nothing would show it."""
        if (self.has_totals and not self.has_moved) or len(self.read) == 1:
            self._finish()
        else:
            self.has_moved = True
            self._reread_from(1, known=self.seen.keys())

    def _read_same(self, page: Page) -> list[Row]:
        """The same page twice: seen once, everything moved down by a page; again, the API has no more pages."""
        if self._is_same:
            self._end(self._page)
        else:
            self._is_same, self.next_page = True, page.number + 1
        return []

    def _without_new(self, page: Page, rows: Sequence[Row]) -> Sequence[Row]:
        """Leave out rows that came in above and moved down to here: they are read at the end.

        Raises:
            OutOfOrderError: other rows are above those that were seen.
        """
        lowest, highest = min(self.seen, default=0), max(self.seen, default=0)
        fresh = [row for row in rows if self.seen and row.id not in self.seen and row.id > lowest]
        newer = [row for row in fresh if row.id > highest]
        grown = (total_of(page) or 0) - (total_of(self._page) or 0)
        if len(newer) < len(fresh) or len(newer) > max(0, grown):
            raise OutOfOrderError(may_have_moved=len(newer) == len(fresh))
        return rows[len(newer) :]

    def _join(self, page: Page, rows: Sequence[Row]) -> list[Row]:
        self._count(page, rows)
        self._page = page
        fresh = self._absorb(rows)
        self._continue(page)
        return fresh

    def _doubt(self, page: Page) -> list[Row]:
        self._doubts, self._goes_back, self.has_moved = self._doubts + 1, True, True
        if self._doubts > TRIES:
            raise UnprovenError(KEPT_CHANGING)
        self.next_page = max(1, min(self._page.number, last_of(page) or self._page.number))
        return []

    def _go_back(self, page: Page, rows: Sequence[Row]) -> list[Row]:
        """Go back to a known row, or to the newest."""
        if page.number > 1 and not any(row.id in self.seen for row in rows):
            self.next_page = max(1, min(page.number - 1, last_of(page) or page.number))
            return []
        self._goes_back = False
        if page.number == 1:
            self._first = [row.id for row in rows]
        return self._join(page, rows)

    def _continue(self, page: Page) -> None:
        if page.more:
            self.next_page = page.number + 1
        else:
            self._end(page)

    def _end(self, page: Page) -> None:
        refuse_truncated(page)
        self._is_at_end = True
        self.enough()

    def _finish(self) -> None:
        self.next_page = None
        if self._is_at_end:
            self._finish_whole()

    def _reread(self, page: Page, rows: Sequence[Row]) -> list[Row]:
        """Take what came while the list was read, down to a row that is known."""
        if not self.has_totals and page.number == 1 and self._slipped([row.id for row in rows]):
            raise MovedError(KEPT_CHANGING)
        is_known = not page.more or any(row.id in self._known for row in rows)
        is_shorter = self._pages_reread > 0 and _shrank(self._page_before, page)
        self._page_before, self._pages_reread = page, self._pages_reread + 1
        self._count(page, rows)
        fresh = self._absorb(rows)
        if is_shorter:
            self._reread_from(1, known=self._known)
        elif is_known and self._pages_reread > 1:
            self._reread_from(1, known=self.seen.keys())  # More may have come while these pages were read.
        elif is_known:
            self._finish()
        else:
            self.next_page = page.number + 1
        return fresh

    def _slipped(self, ids: Sequence[int]) -> bool:
        """Whether the first page shows deletions: one of its rows is gone, or one came up from below."""
        lowest = min(ids, default=0)
        gone = any(row >= lowest and row not in ids for row in self._first)
        return gone or any(row not in self.seen and row < max(self._first, default=0) for row in ids)


def _shrank(before: Page, now: Page) -> bool:
    """Whether the list is shorter at one page than at the one before, as far as they show."""
    totals = total_of(before), total_of(now)
    if None in totals:
        totals = before.last, now.last
    return totals[0] is not None and totals[1] is not None and totals[1] < totals[0]
