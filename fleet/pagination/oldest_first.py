"""Reading a list that is oldest first (`fleet.pagination.walk`). Pure."""

from collections.abc import Sequence

from fleet.pagination.layout import is_descending
from fleet.pagination.traversal import OutOfOrderError, Row, Traversal, last_of, refuse_truncated
from fleet.serveravatar.wire import Page


class OldestFirst(Traversal[Row]):
    """Oldest first: read from the last page back to the first.

    Deletions move rows towards the pages still to be read, and new rows come behind the first of these, so no row slips
    through. The first page, which showed the order, is read again in its turn.
    """

    def __init__(self, page: Page, rows: Sequence[Row]) -> None:
        super().__init__()
        self._first = page
        self._last = last_of(page) or page.number
        self._is_at_end = False
        self._count(page, rows)
        del self.read[page.number]
        self.next_page = self._last

    def take(self, page: Page, rows: Sequence[Row]) -> list[Row]:
        """Learn from the page that was requested."""
        newest_first = rows[::-1]
        if page.number > 1 and page.rows == self._first.rows:
            refuse_truncated(self._first)  # The API returns the same page whatever is requested.
        if not is_descending(row.id for row in newest_first):
            raise OutOfOrderError
        before, self._last = self._last, last_of(page) or self._last
        is_known = any(row.id in self.seen for row in rows)
        if self._rereads:
            return self._reread(page, newest_first)
        unseen = [row.id for row in rows if row.id not in self.seen and row.id > min(self.seen, default=row.id)]
        if unseen:
            raise OutOfOrderError(may_have_moved=min(unseen) > max(self.seen))
        self._count(page, rows)
        self.has_moved = self.has_moved or is_known or self._last != before
        fresh = self._absorb(newest_first)
        if page.number == 1:
            self._is_at_end = True
            self.enough()
        else:
            self.next_page = max(1, min(page.number - 1, self._last))
        return fresh

    def enough(self) -> None:
        """Read the newest rows again if something moved."""
        if self.has_moved:
            self._reread_from(self._last, known=self.seen.keys())
        else:
            self._finish()

    def _reread(self, page: Page, newest_first: Sequence[Row]) -> list[Row]:
        is_known = page.number == 1 or any(row.id in self._known for row in newest_first)
        is_first, self._pages_reread = self._pages_reread == 0, self._pages_reread + 1
        self._count(page, newest_first)
        fresh = self._absorb(newest_first)
        if self._last > page.number and is_first:
            self._reread_from(self._last, known=self._known)
        elif is_known and not is_first:
            self._reread_from(self._last, known=self.seen.keys())  # More may have come while these pages were read.
        elif is_known:
            self._finish()
        else:
            self.next_page = max(1, min(page.number - 1, self._last))
        return fresh

    def _finish(self) -> None:
        self.next_page = None
        if self._is_at_end:
            self._finish_whole()
