"""How many pages and rows a list may have: what its first page reports, and what may be added while it is read.

A list of 100,000 rows is long; one that has another page after its last is an attack, or a loop.
"""

from typing import Final

from fleet.serveravatar.wire import Page

GROWTH: Final = 3
"""How many times as long as reported a list may turn out: it grows while it is read, and parts are read twice."""
MORE_PAGES: Final = 20
"""Pages on top, for short lists."""
BLIND_PAGES: Final = 2_000
"""Most pages of a list that does not report its length."""
MOST_PAGES: Final = 50_000
"""Most pages of all: half a million backups, fifteen hours at the default rate limit."""
MOST_ROWS: Final = 1_000_000


class ListLength:
    """Watches one reading of a list.

    Attributes:
        reported: number of pages, from the first page; None if it does not report it.
    """

    def __init__(self) -> None:
        self.reported: int | None = None
        self._most = MOST_PAGES
        self._pages = self._rows = 0

    def exceeded(self, page: Page) -> str:
        """Count a page; say what is wrong once the list is longer than it can be, otherwise nothing."""
        if not self._pages:
            self.reported = _pages_of(page)
            bound = BLIND_PAGES if self.reported is None else GROWTH * self.reported + MORE_PAGES
            self._most = min(bound, MOST_PAGES)
        self._pages += 1
        self._rows += len(page.rows)
        if self._rows > MOST_ROWS:
            return f"the list has more than {MOST_ROWS:,} entries"
        if self._pages < self._most or not page.more:
            return ""
        length = "does not report its length" if self.reported is None else f"reported {_counted(self.reported)}"
        return f"the list {length} and continues after page {self._pages:,}"


def _pages_of(first: Page) -> int | None:
    """How many pages the list has; what a page holds is what the first one shows, whatever it reports."""
    size = len(first.rows)
    if first.total is None or not size or first.total < size:
        return first.last
    return -(-first.total // size)


def _counted(pages: int) -> str:
    return f"{pages:,} page{'' if pages == 1 else 's'}"
