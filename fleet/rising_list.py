"""Reading a list that is oldest first (`fleet.list_walk`). Pure."""

from collections.abc import Sequence

from fleet.list_course import (
    KEPT_CHANGING,
    TRIES,
    Course,
    OutOfOrderError,
    Row,
    UnprovenError,
    last_of,
    refuse_a_cut,
)
from fleet.serveravatar.wire import Page
from fleet.watch import falls


class Rising(Course[Row]):
    """Oldest first: read from the last page back to the first.

    What is deleted moves rows towards the pages that are still to be read, and what is new comes behind the first of
    these: no row slips through. The first page, which showed the order, is read again when it is its turn.
    """

    def __init__(self, page: Page, rows: Sequence[Row]) -> None:
        super().__init__()
        self.held = {row.id: row for row in rows}
        self._first = page
        self._last = last_of(page) or page.number
        self._looks = 0
        self._is_at_end = False
        self._count(page, rows)
        self.next_page = self._last

    @property
    def is_going_down(self) -> bool:
        """Whether the next page shows older rows."""
        return self.next_page is not None and not self._looks

    def take(self, page: Page, rows: Sequence[Row]) -> list[Row]:
        """Learn from the page that was asked for."""
        newest_first = rows[::-1]
        if page.number > 1 and page.rows == self._first.rows:
            refuse_a_cut(self._first)  # An API that gives the same page whatever is asked for.
        if not falls(row.id for row in newest_first):
            raise OutOfOrderError
        before, self._last = self._last, last_of(page) or self._last
        is_known = any(row.id in self.seen for row in rows)
        if self._looks:
            return self._look(page, newest_first, is_known=is_known)
        if any(row.id not in self.seen and row.id > min(self.seen, default=row.id) for row in rows):
            raise OutOfOrderError
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
        """Look at the newest rows again where something moved."""
        if self.has_moved:
            self._looks, self.next_page = 1, self._last
        else:
            self._finish()

    def _look(self, page: Page, newest_first: Sequence[Row], *, is_known: bool) -> list[Row]:
        self._count(page, newest_first)
        fresh = self._absorb(newest_first)
        if self._last <= page.number and (is_known or page.number == 1):
            self._finish()
        elif self._looks == TRIES:
            raise UnprovenError(KEPT_CHANGING)
        else:
            self._looks += 1
            self.next_page = self._last if self._last != page.number else page.number - 1
        return fresh

    def _finish(self) -> None:
        self.next_page = None
        if self._is_at_end:
            self._finish_whole()
