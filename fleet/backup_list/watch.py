"""Which pages of the backup list to read until every awaited backup has ended, with the fewest requests.

Pure: given what a page showed, it decides what to read next (docs/decisions/0010-fewest-requests.md). What is awaited
is read from the oldest page on, and reading stops at a page that shows a running backup: what began later will not end
sooner. Only requests are saved by that: what is not found where it is expected is looked for in the whole list.
"""

from collections.abc import Callable, Collection, Mapping, Sequence

from fleet.backup_list.full_reads import FullReads
from fleet.backup_list.proving import Judged, Proving
from fleet.backup_list.ranks import Ranks
from fleet.pagination.layout import Layout
from fleet.proof.known_api import KnownApi
from fleet.proof.proof import Proof
from fleet.proof.recognition import Recognition
from fleet.proof.sought import Sought
from fleet.serveravatar.models import Backup
from fleet.serveravatar.wire import Page


class Watch:
    """Repeated looks until everything awaited has ended.

    Attributes:
        proving: what is awaited, and how far the proof of each has come.
        reads_on: whether a look reads on beyond running backups, since something waits for newer ones to end.
        blind: whether nothing is known of where things stand in the list, so that only reading all of it helps.
    """

    def __init__(
        self,
        sought: Collection[Sought],
        before: Layout | None,
        ended: Callable[[], None],
        recognition: Recognition | None = None,
    ) -> None:
        """Begin to await.

        Args:
            sought: what is awaited.
            before: the layout of the list before the first of it was sent; None if unknown.
            ended: called for each that is proven complete or bad.
            recognition: of what is awaited.
        """
        self.proving = Proving(sought, recognition or Recognition(sought), ended)
        self.blind = before is None
        self.reads_on = False
        self._ranks = Ranks(before or Layout(0, 1), len(self.awaited))
        self._full_reads = FullReads(len(self.awaited))
        self._was_read_whole = False
        self._reads_left = 0
        self._pages_in_vain = 0

    @property
    def awaited(self) -> dict[str, Sought]:
        """What has not ended yet, by key."""
        return self.proving.awaited

    @property
    def proofs(self) -> dict[str, Proof]:
        """How far each backup that was seen is, by key."""
        return self.proving.proofs

    @property
    def recognition(self) -> Recognition:
        """Of what is awaited."""
        return self.proving.recognition

    @property
    def unseen(self) -> set[str]:
        """The keys of what was never seen, or is no longer where it was."""
        return self.awaited.keys() - self._ranks.known

    @property
    def covered(self) -> int:
        """The rank up to which everything was read."""
        return self._ranks.covered

    @property
    def pages_in_vain(self) -> int:
        """How many pages of the last look showed no backup ended: the cost of looking too early."""
        return self._pages_in_vain

    @property
    def needs_the_whole_list(self) -> bool:
        """Whether something may stand where ranks do not lead, and it is time to look there."""
        return bool(self.awaited) and (self.blind or (self._full_reads.is_now and bool(self.unseen)))

    @property
    def missing(self) -> set[str]:
        """The keys that a look has not shown although it went as far as the list goes."""
        is_whole = self._was_read_whole or self._ranks.is_read_to_newest
        return (self.unseen - self.proofs.keys()) if is_whole else set()

    def begin(self, elapsed: float, *, last: bool) -> None:
        """Begin a look.

        Args:
            elapsed: seconds since the watch began.
            last: whether it is the last look, which reads everything.
        """
        pages = self._ranks.pages_to_read(unseen=bool(self.unseen))
        self._full_reads.begin_look(elapsed, pages, len(self.awaited), last=last)
        self.proving.begin_look()
        self._ranks.begin_look()
        self._was_read_whole = False
        self._reads_left = 0 if self.blind else 2 * pages + 3
        self._pages_in_vain = 0

    def next_page(self) -> int | None:
        """The number of the page to read next; None when the look is over, as far as ranks lead it."""
        if self._reads_left <= 0 or self.blind:
            return None
        return self._ranks.next_page(unseen=bool(self.unseen))

    def take(self, page: Page, rows: Sequence[Backup], api: KnownApi, judged: Judged) -> None:
        """Learn from a page that `next_page` asked for; the recognition must have taken its rows.

        Args:
            page: as it came.
            rows: its rows, as read.
            api: what the API is known to show.
            judged: called with each backup that was judged.
        """
        self._reads_left -= 1
        ids = [row.id for row in rows]
        self.blind = not self._ranks.fit(page, ids) or self.blind
        before = len(self.awaited)
        ranks = self._ranks.on_page(page.number, ids)
        keys = {key for row in rows for key in self.recognition.take(row) if key in self.proving.sought}
        runs = self._judge(keys, ranks, api, judged)
        self._pages_in_vain += len(self.awaited) == before
        if not self.blind:
            self._ranks.cover(ranks)
            seen = {
                key: self.proofs[key].backup_id for key in self._ranks.known & self.proofs.keys() & self.awaited.keys()
            }
            self._ranks.follow({key: number for key, number in seen.items() if number is not None}, ranks)
        if runs and not self._full_reads.is_now and not self.reads_on:
            self._reads_left = 0

    def take_all(self, found: Mapping[str, Sequence[Backup]], pages: int, api: KnownApi, judged: Judged) -> None:
        """Learn what a reading of the whole list has shown of the awaited."""
        before = len(self.awaited)
        self._judge(set(found) & self.proving.sought.keys(), {}, api, judged)
        self._was_read_whole = True
        self._pages_in_vain += pages if len(self.awaited) == before else 0

    def conclude(self, api: KnownApi, judged: Judged) -> None:
        """Judge again what lacks nothing but another look (`Proving.conclude`)."""
        self.proving.conclude(api, judged)
        for key in self._ranks.known - self.awaited.keys():
            self._ranks.drop(key)

    def await_too(self, sought: Collection[Sought], covered: int | None = None) -> None:
        """Await what was sent since.

        Args:
            sought: what was sent.
            covered: what was covered before it was sent: ranks beyond are read again, since a look may have passed it;
                None: none are.
        """
        self._ranks.expect_more(self.proving.await_too(sought), covered)

    def is_unseen(self, key: str) -> bool:
        """Whether something awaited was never seen."""
        return key in self.awaited and key not in self.proofs

    def give_up(self, key: str) -> None:
        """Stop awaiting something."""
        self.awaited.pop(key, None)
        self._ranks.drop(key)

    def give_up_unseen_plans(self) -> None:
        """Stop awaiting plans whose first backup has not shown."""
        for key in self.unseen - self.proofs.keys():
            if self.awaited[key].target.request.automatic_backup:
                del self.awaited[key]

    def _judge(self, keys: Collection[str], ranks: Mapping[int, int], api: KnownApi, judged: Judged) -> bool:
        """Judge what was just seen, and note where it stands; return whether some of it still runs."""
        runs = self.proving.judge(keys, api, judged)
        for key in keys:
            if key not in self.awaited:
                self._ranks.drop(key)
            elif (proof := self.proofs.get(key)) and (rank := ranks.get(proof.backup_id or 0)):
                self._ranks.put(key, rank)
        return runs
