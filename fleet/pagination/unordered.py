"""Reading a list that is in no order (`fleet.pagination.walk`). Pure."""

from collections.abc import Sequence

from fleet.pagination.course import KEPT_CHANGING, Course, MovedError, Row, last_of, refuse_a_cut
from fleet.serveravatar.wire import Page


class Unordered(Course[Row]):
    """In no order: every page is read, and anything that moves spoils it all.

    What is added may stand anywhere, so nothing shows it where as much is deleted. That cannot be proven otherwise.
    """

    def __init__(self, begun: Course[Row] | None = None) -> None:
        """Go on.

        Args:
            begun: what was read while the list seemed to be in order; None to begin.
        """
        super().__init__()
        self._before: Page | None = None
        self.next_page = 1
        if begun:
            self.total, self.has_totals = begun.total, begun.has_totals
            self.seen, self.read = dict(begun.seen), dict(begun.read)

    def take(self, page: Page, rows: Sequence[Row]) -> list[Row]:
        """Learn from the page that was asked for."""
        if self._before and page.rows == self._before.rows:
            refuse_a_cut(self._before)
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
            refuse_a_cut(page)
        if unread is None and (last is not None or not page.more):
            self._finish_whole()
        else:
            self.next_page = unread or page.number + 1
        return fresh

    def enough(self) -> None:
        """Without an order nothing is known to be older, so it is never enough."""
