"""Which pages of the list of backups to read so that everything awaited is seen complete, with the fewest requests.

Pure: it is told what a page showed, and says what to read next (docs/decisions/0010-fewest-requests.md). An entry's
rank, its place counted from the oldest, stays when newer ones come. So what is awaited is read from the oldest page
on, and reading stops where a page shows something under way: what began later will not be done sooner. No more than
saving requests hangs on that: what is not found where it is expected is looked for in the whole list.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final

from fleet.backup_list.proving import Judged, Proving
from fleet.pagination.extent import Extent, falls, page_of
from fleet.proof.recognition import Recognition
from fleet.proof.sought import Sought
from fleet.proof.verification import Judging, Proof
from fleet.serveravatar.models import Backup
from fleet.serveravatar.wire import Page

SECONDS_A_PAGE: Final = 4.0
"""Seconds that reading everything awaited is put off for each page that it takes: a quarter of the least limit."""
PATIENCE: Final = (10.0, 300.0)
"""The least and the most seconds that it is put off; doubled for each time that it showed no end, twice at most."""


def is_due(since: float, pages: int, in_vain: int) -> bool:
    """Decide whether to read everything awaited, and not only up to the first that is under way.

    Args:
        since: seconds since that was last done.
        pages: how many pages it takes.
        in_vain: how many times in a row it showed the end of nothing.
    """
    least, most = PATIENCE
    return since >= min(max(SECONDS_A_PAGE * pages, least), most) * (1, 2, 4)[min(in_vain, 2)]


class Watch:
    """Where what is awaited stands in the list, and which page shows it next.

    Attributes:
        proving: what is awaited, and how far the proof of each has come.
        reads_on: whether a look reads on beyond what is under way, since others wait for what is newer to end.
        blind: whether nothing is known of where things stand in the list, so that only reading all of it helps.
    """

    def __init__(
        self,
        sought: Collection[Sought],
        before: Extent | None,
        ended: Callable[[], None],
        recognition: Recognition | None = None,
    ) -> None:
        """Begin to await.

        Args:
            sought: what is awaited.
            before: how the list lay before the first of it was sent; None when that is not known.
            ended: called for each that is proven complete or bad.
            recognition: of what is awaited.
        """
        self.proving = Proving(sought, recognition or Recognition(sought), ended)
        self.blind = before is None
        # So that the oldest is met with the first page that is read, if nobody else's backups have come between.
        before = before or Extent(0, 1)
        self._extent = Extent(before.total + len(self.awaited), before.size, before.newest_first)
        self._covered = before.total
        self._ranks: dict[str, int] = {}
        self._was_read_whole = False
        self.reads_on = False
        self._first = before.total + 1
        self._whole_at, self._whole_in_vain = 0.0, 0
        self._is_whole = False
        self._awaited_before = len(self.awaited)
        self._reads_left = 0
        self._read: list[tuple[int, int]] = []
        self._moved: set[str] = set()
        self._pages_in_vain = 0

    @property
    def awaited(self) -> dict[str, Sought]:
        """What is not proven yet, by key."""
        return self.proving.awaited

    @property
    def proofs(self) -> dict[str, Proof]:
        """How far what was seen is, by key."""
        return self.proving.proofs

    @property
    def recognition(self) -> Recognition:
        """Of what is awaited."""
        return self.proving.recognition

    @property
    def unseen(self) -> set[str]:
        """The keys of what was never seen, or is not any more where it was."""
        return self.awaited.keys() - self._ranks.keys()

    @property
    def pages_in_vain(self) -> int:
        """How many pages of the last look showed the end of nothing: what it costs to look too early."""
        return self._pages_in_vain

    def begin(self, elapsed: float, *, last: bool) -> None:
        """Begin to look.

        Args:
            elapsed: seconds since the watch began.
            last: whether it is the last look: then everything is read.
        """
        if self._is_whole:
            self._whole_in_vain = self._whole_in_vain + 1 if len(self.awaited) == self._awaited_before else 0
        self._awaited_before = len(self.awaited)
        self.proving.begin_look()
        self._was_read_whole = False
        pages = self._pages_to_read()
        self._is_whole = last or is_due(elapsed - self._whole_at, pages, self._whole_in_vain)
        if self._is_whole:
            self._whole_at = elapsed
        self._reads_left = 0 if self.blind else 2 * pages + 3
        self._read, self._pages_in_vain = [], 0
        self._moved.clear()

    def next_page(self) -> int | None:
        """The number of the page to read next; None when the look is over, as far as ranks lead it."""
        rank = min((rank for rank in self._wanted() if not self._was_read(rank)), default=None)
        if rank is None or self._reads_left <= 0 or self.blind:
            return None
        return page_of(rank, self._extent)

    @property
    def needs_the_whole_list(self) -> bool:
        """Whether something may stand where ranks do not lead to, and it is time to look for it there."""
        return bool(self.awaited) and (self.blind or (self._is_whole and bool(self.unseen)))

    def take(self, page: Page, rows: Sequence[Backup], judging: Judging, judged: Judged) -> None:
        """Learn from a page that `next_page` asked for, when its rows were given to the recognition.

        Args:
            page: as it came.
            rows: of it, as they were read.
            judging: what the API shows of a backup.
            judged: told of each that was judged.
        """
        self._reads_left -= 1
        ids = [row.id for row in rows]
        as_before = page.size in (None, self._extent.size) and len(rows) == len(page.rows)
        if page.total is None or not as_before or not falls(self._oldest_last(ids)):
            self.blind = True
        else:
            self._extent = Extent(page.total, self._extent.size, self._extent.newest_first)
        before = len(self.awaited)
        places = self._places(page.number, ids)
        keys = {key for row in rows for key in self.recognition.take(row) if key in self.proving.sought}
        under_way = self._judge(keys, places, judging, judged)
        self._pages_in_vain += len(self.awaited) == before
        if not self.blind:
            self._was_covered(places)
            self._look_for_moved(places)
        if under_way and not self._is_whole and not self.reads_on:
            self._reads_left = 0

    def take_all(self, found: Mapping[str, Sequence[Backup]], pages: int, judging: Judging, judged: Judged) -> None:
        """Learn from a reading of the whole list what it has shown of the awaited."""
        before = len(self.awaited)
        self._judge(set(found) & self.proving.sought.keys(), {}, judging, judged)
        self._was_read_whole = True
        self._pages_in_vain += pages if len(self.awaited) == before else 0

    @property
    def missing(self) -> set[str]:
        """The keys of what a look has not shown that went as far as the list goes."""
        is_whole = self._was_read_whole or self._covered >= self._extent.total
        return (self.unseen - self.proofs.keys()) if is_whole else set()

    @property
    def covered(self) -> int:
        """The rank up to which everything was read."""
        return self._covered

    def await_too(self, sought: Collection[Sought], covered: int | None = None) -> None:
        """Await what was sent since.

        Args:
            sought: what was sent.
            covered: what was covered before it was sent: what has been read beyond that is read again, since a look
                may have passed it over; by default as now.
        """
        if covered is not None and covered < self._covered:
            self._covered, self._read = covered, []
        new = self.proving.await_too(sought)
        self._extent = replace(self._extent, total=self._extent.total + new)

    def is_unseen(self, key: str) -> bool:
        """Whether something awaited was never seen."""
        return key in self.awaited and key not in self.proofs

    def give_up(self, key: str) -> None:
        """Await something no longer."""
        self.awaited.pop(key, None)
        self._ranks.pop(key, None)

    def give_up_unseen_plans(self) -> None:
        """Await no longer the plans whose first backup has not shown."""
        for key in self.unseen - self.proofs.keys():
            if self.awaited[key].target.request.automatic_backup:
                del self.awaited[key]

    def _wanted(self) -> set[int]:
        """The ranks where something awaited is, and the first where something unseen may be."""
        return {*self._ranks.values(), *([self._covered + 1] if self.unseen else [])}

    def _pages_to_read(self) -> int:
        known = len({page_of(rank, self._extent) for rank in self._ranks.values()})
        if not self.unseen:
            return known
        # What is unseen is in what was not read yet; where all was, only reading all of it again finds it.
        first = self._covered + 1 if self._covered < self._extent.total else self._first
        return known + max(1, -(-(self._extent.total + 1 - first) // self._extent.size))

    def _was_read(self, rank: int) -> bool:
        return any(lowest <= rank <= highest for lowest, highest in self._read)

    def _oldest_last(self, ids: list[int]) -> list[int]:
        return ids if self._extent.newest_first else ids[::-1]

    def _places(self, number: int, ids: list[int]) -> dict[int, int]:
        """The rank of each id on a page."""
        first = (number - 1) * self._extent.size
        total, newest_first = self._extent.total, self._extent.newest_first
        return {row: total - index if newest_first else index + 1 for index, row in enumerate(ids, start=first)}

    def _judge(self, keys: Collection[str], places: dict[int, int], judging: Judging, judged: Judged) -> bool:
        """Judge what was just seen, and note where it stands; return whether some of it is still under way."""
        under_way = self.proving.judge(keys, judging, judged)
        for key in keys:
            if key not in self.awaited:
                self._ranks.pop(key, None)
            elif (proof := self.proofs.get(key)) and proof.backup_id in places:
                self._ranks[key] = places[proof.backup_id]
        return under_way

    def conclude(self, judging: Judging, judged: Judged) -> None:
        """Judge again what only needs another look (`Proving.conclude`)."""
        self.proving.conclude(judging, judged)
        self._ranks = {key: rank for key, rank in self._ranks.items() if key in self.awaited}

    def _was_covered(self, places: dict[int, int]) -> None:
        """Note which ranks were read, and up to which all of them were."""
        total = self._extent.total
        lowest, highest = min(places.values(), default=total + 1), max(places.values(), default=total + 1)
        # The newest page shows also that nothing newer is there.
        self._read.append((lowest, total + 1 if highest >= total else highest))
        for lowest, highest in sorted(self._read):
            if lowest <= self._covered + 1 <= highest:
                self._covered = min(highest, total)

    def _look_for_moved(self, places: dict[int, int]) -> None:
        """What is not where it was has moved to a page beside, when others went or came late; else it is lost."""
        if not places:
            return
        lowest, highest = min(places.values()), max(places.values())
        for key in self.awaited.keys() & self._ranks.keys():
            backup = self.proofs[key].backup_id
            if backup is None or backup in places or not lowest <= self._ranks[key] <= highest:
                continue
            is_beside = not min(places) < backup < max(places) and key not in self._moved
            self._moved.add(key)
            del self._ranks[key]
            if is_beside:
                self._ranks[key] = highest + 1 if backup > max(places) else lowest - 1
