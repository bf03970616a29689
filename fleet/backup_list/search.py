"""One look for what was sent: back to where the list ended before, and no row missed on the way."""

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field

from fleet.pagination.layout import IN_ORDER
from fleet.proof.absence import Looked
from fleet.proof.placement import placement_note
from fleet.proof.recognition import Recognition
from fleet.proof.sought import Sought
from fleet.serveravatar.backup_rows import read_backups
from fleet.serveravatar.models import Backup
from fleet.serveravatar.wire import Page


@dataclass(slots=True)
class Found:
    """What a look has shown.

    Attributes:
        recognition: of what was sought.
        is_whole: whether the list was read to its end.
        seen: the ids of all rows that this look has shown.
        pages: how many pages it took.
        may_have_slipped: whether rows were deleted between two pages, or pages are missing at the end, so that what was
            sought may have passed unseen. It does not matter once all that was sought was seen.
        shown_up_to: when the newest backup of this run that the list has shown was sent; 0 for none.
    """

    recognition: Recognition
    is_whole: bool = False
    seen: set[int] = field(default_factory=set)
    pages: int = 0
    may_have_slipped: bool = False
    shown_up_to: float = 0.0

    def looked(self, key: str) -> Looked:
        """What the look has shown of one key."""
        recognition = self.recognition
        return Looked(
            recognition.rows_of(key),
            recognition.evidence_of(key),
            placement_note(recognition, key),
            tuple(recognition.other_candidates_of(key)),
            recognition.grounds.names_shown,
            self.is_whole,
            self.shown_up_to,
        )

    def rows_of(self, key: str) -> list[Backup]:
        """The rows of one key."""
        return self.recognition.rows_of(key)

    @property
    def shown(self) -> dict[str, list[Backup]]:
        """The rows of each key of which this look, and not only an earlier one, has shown some."""
        found = self.recognition.found
        return {key: rows for key, rows in found.items() if any(row.id in self.seen for row in rows)}


async def search(
    pages: AsyncIterator[Page],
    recognition: Recognition,
    sought: Collection[Sought],
    *,
    thorough: bool = False,
    exactly: bool = False,
) -> Found:
    """Read the list until everything was seen, or back to where it ended before the oldest of what is sought was sent.

    Args:
        pages: the list, page by page.
        recognition: recognises what is found.
        sought: what to look for.
        thorough: read on when everything was seen, to see a second backup of a key, too.
        exactly: if a plan is sought, read to the end: an older backup may show that the plan is an old one.

    Raises:
        ApiError: a page could not be read.
    """
    running = _Search(recognition, sought, thorough=thorough, exactly=exactly)
    page: Page | None = None
    async for page in pages:
        running.take(page)
        if running.may_stop:
            break
    else:
        running.end(page)
    return running.found


class _Search:
    """Which rows one look has met, and whether it may stop."""

    def __init__(self, recognition: Recognition, sought: Collection[Sought], *, thorough: bool, exactly: bool) -> None:
        self.found = Found(recognition)
        self._thorough = thorough
        self._to_the_end = exactly and any(each.target.request.automatic_backup for each in sought)
        self._unnamed = {each.key for each in sought}
        self._oldest_mark = min((each.since.backup for each in sought), default=0)
        self._lowest = 2**63
        self._is_newest_first = True
        self._total = 0

    def take(self, page: Page) -> None:
        """Take the rows of the next page."""
        found = self.found
        found.pages += 1
        found.may_have_slipped = found.may_have_slipped or (page.total is not None and page.total < self._total)
        self._total = page.total or 0
        for backup in read_backups(page.rows):
            if backup.id in found.seen:
                continue  # Backups that began meanwhile have moved it down from the page before.
            found.seen.add(backup.id)
            self._is_newest_first = self._is_newest_first and backup.id < self._lowest
            self._lowest = min(self._lowest, backup.id)
            self._unnamed -= found.recognition.named.keys() & found.recognition.take(backup)
        if self._has_seen_all:
            found.may_have_slipped = False

    @property
    def may_stop(self) -> bool:
        """Whether further pages can show nothing new that matters."""
        is_past_marks = self._is_newest_first and len(self.found.seen) >= IN_ORDER and self._lowest <= self._oldest_mark
        return (self._has_seen_all or is_past_marks) and not self._to_the_end

    def end(self, last: Page | None) -> None:
        """The list has no more pages: one that ends before its announced last page proves nothing absent."""
        self.found.is_whole = last is None or not last.more
        self.found.may_have_slipped = self.found.may_have_slipped or not (self.found.is_whole or not self._unnamed)

    @property
    def _has_seen_all(self) -> bool:
        return not self._unnamed and not self._thorough
