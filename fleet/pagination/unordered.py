"""Reading a list that is in no order (`fleet.pagination.walk`). Pure."""

from collections.abc import Sequence

from fleet.pagination.traversal import KEPT_CHANGING, MovedError, Row, Traversal, last_of, refuse_truncated
from fleet.serveravatar.wire import Page


class Unordered(Traversal[Row]):
    """In no order: every page is read, and any change spoils the traversal.

    A new row may stand anywhere, so nothing shows it if as many are deleted; that remains unproven (`Walk.doubt`).
    """

    def __init__(self, begun: Traversal[Row] | None = None) -> None:
        """Continue.

        Args:
            begun: what was read while the list seemed to be in order; None to start.
        """
        super().__init__()
        self._before: Page | None = None
        self.next_page = 1
        if begun:
            self.total, self.has_totals = begun.total, begun.has_totals
            self.seen, self.read = dict(begun.seen), dict(begun.read)

    def take(self, page: Page, rows: Sequence[Row]) -> list[Row]:
        """Learn from the page that was requested."""
        if self._before and page.rows == self._before.rows:
            refuse_truncated(self._before)
            self._finish_whole()
            return []
        if page.number in self.read or any(row.id in self.seen for row in rows):
            raise MovedError(KEPT_CHANGING)
        self._before = page
        self._count(page, rows)
        if self.has_moved:
            raise MovedError(KEPT_CHANGING)
        fresh = self._absorb(rows)
        last = last_of(page)
        unread = next((number for number in range(1, (last or 0) + 1) if number not in self.read), None)
        if not page.rows:
            refuse_truncated(page)
        if unread is None and (last is not None or not page.more):
            self._finish_whole()
        else:
            self.next_page = unread or page.number + 1
        return fresh

    def enough(self) -> None:
        """Without an order no row is known to be older, so it is never enough."""
