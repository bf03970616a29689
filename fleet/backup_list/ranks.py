"""Where awaited backups stand in the list, by rank: an entry's position counted from the oldest. Pure.

A rank stays when newer entries come. Deletions and late arrivals move it; then the entry is looked for on the page
beside, and is unknown after that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from fleet.pagination.layout import Layout, is_descending, page_of
from fleet.serveravatar.wire import Page


class Ranks:
    """The ranks of what is awaited, and up to which rank everything was read.

    Attributes:
        covered: the rank up to which everything was read.
    """

    def __init__(self, before: Layout, awaited: int) -> None:
        """Expect what is awaited behind all that was in the list.

        Args:
            before: the layout of the list before the first of it was sent.
            awaited: how many are awaited.
        """
        self.covered = before.total
        self._layout = replace(before, total=before.total + awaited)
        self._first = before.total + 1
        self._of: dict[str, int] = {}
        self._read: list[tuple[int, int]] = []
        self._moved: set[str] = set()

    def begin_look(self) -> None:
        """Begin a look: nothing was read yet."""
        self._read = []
        self._moved.clear()

    def expect_more(self, new: int, covered: int | None) -> None:
        """Expect more in the list.

        Args:
            new: how many.
            covered: ranks beyond this are read again, since a look may have passed what was sent; None: none are.
        """
        if covered is not None and covered < self.covered:
            self.covered, self._read = covered, []
        self._layout = replace(self._layout, total=self._layout.total + new)

    @property
    def known(self) -> set[str]:
        """The keys whose rank is known."""
        return set(self._of)

    def put(self, key: str, rank: int) -> None:
        """Note where something awaited stands."""
        self._of[key] = rank

    def drop(self, key: str) -> None:
        """Forget something that is no longer awaited."""
        self._of.pop(key, None)

    @property
    def is_read_to_newest(self) -> bool:
        """Whether all that the list holds was read."""
        return self.covered >= self._layout.total

    def next_page(self, *, unseen: bool) -> int | None:
        """The number of the page to read next; None if all wanted ranks were read in this look.

        Args:
            unseen: whether something awaited was never seen, so that it may be behind what is covered.
        """
        wanted = {*self._of.values(), *([self.covered + 1] if unseen else [])}
        unread = [rank for rank in wanted if not any(lowest <= rank <= highest for lowest, highest in self._read)]
        return page_of(min(unread), self._layout) if unread else None

    def pages_to_read(self, *, unseen: bool) -> int:
        """How many pages a look takes that reads everything awaited."""
        known = len({page_of(rank, self._layout) for rank in self._of.values()})
        if not unseen:
            return known
        # What is unseen is in what was not read yet; if all was read, only reading it all again finds it.
        first = self._first if self.is_read_to_newest else self.covered + 1
        return known + max(1, -(-(self._layout.total + 1 - first) // self._layout.size))

    def fit(self, page: Page, ids: Sequence[int]) -> bool:
        """Learn the list's length from a page; return whether the page is laid out as expected.

        Args:
            page: as it came.
            ids: of its rows, as read.
        """
        is_as_before = page.size in (None, self._layout.size) and len(ids) == len(page.rows)
        in_order = is_descending(ids if self._layout.newest_first else ids[::-1])
        if page.total is None or not is_as_before or not in_order:
            return False
        self._layout = replace(self._layout, total=page.total)
        return True

    def on_page(self, number: int, ids: Sequence[int]) -> dict[int, int]:
        """The rank of each id on a page."""
        first = (number - 1) * self._layout.size
        total, newest_first = self._layout.total, self._layout.newest_first
        return {row: total - index if newest_first else index + 1 for index, row in enumerate(ids, start=first)}

    def cover(self, ranks: Mapping[int, int]) -> None:
        """Note which ranks a page has shown, and up to which all were read.

        Args:
            ranks: by id, as `on_page` returned them.
        """
        total = self._layout.total
        lowest, highest = min(ranks.values(), default=total + 1), max(ranks.values(), default=total + 1)
        # The newest page shows also that nothing newer exists.
        self._read.append((lowest, total + 1 if highest >= total else highest))
        for lowest, highest in sorted(self._read):
            if lowest <= self.covered + 1 <= highest:
                self.covered = min(highest, total)

    def follow(self, awaited: Mapping[str, int], ranks: Mapping[int, int]) -> None:
        """Expect what a page does not show at its rank on the page beside, once; after that its rank is unknown.

        Args:
            awaited: the id of each awaited backup that was seen, by key.
            ranks: by id, as `on_page` returned them.
        """
        if not ranks:
            return
        lowest, highest = min(ranks.values()), max(ranks.values())
        for key in awaited.keys() & self._of.keys():
            backup = awaited[key]
            if backup in ranks or not lowest <= self._of[key] <= highest:
                continue
            is_beside = not min(ranks) < backup < max(ranks) and key not in self._moved
            self._moved.add(key)
            del self._of[key]
            if is_beside:
                self._of[key] = highest + 1 if backup > max(ranks) else lowest - 1
