"""Searching the list of backups for what was sent: back to where it ended before, and no row missed on the way."""

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field

from fleet.pagination.extent import IN_ORDER
from fleet.proof.recognition import Recognition
from fleet.proof.sought import Sought
from fleet.serveravatar.backup_rows import read_backups
from fleet.serveravatar.models import Backup
from fleet.serveravatar.wire import Page


@dataclass(slots=True)
class Found:
    """What a reading of the list has shown.

    Attributes:
        recognition: of what was sought.
        is_whole: whether the list was read to its end.
        seen: the ids of all rows that this reading has shown.
        pages: how many pages it took.
        may_have_slipped: whether rows went from the list between two pages: those after them moved up, and one that was
            sought may have passed unseen. It does not matter where all that was sought was seen.
    """

    recognition: Recognition
    is_whole: bool = False
    seen: set[int] = field(default_factory=set)
    pages: int = 0
    may_have_slipped: bool = False

    def rows_of(self, key: str) -> list[Backup]:
        """The rows of one key."""
        return self.recognition.rows_of(key)

    @property
    def shown(self) -> dict[str, list[Backup]]:
        """The rows of each key of which this reading, and not only an earlier one, has shown some."""
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
    """Read the list until everything was seen, or back to where it ended before the oldest of what is sought.

    Args:
        pages: the list, page by page.
        recognition: recognises what is found.
        sought: what to look for.
        thorough: read on when everything was seen, so that a second one of the same key is seen too.
        exactly: read on to the end when a plan is sought: an older backup may show that it is an old one.

    Raises:
        ApiError: a page could not be read.
    """
    wanted = {each.key for each in sought}
    to_the_end = exactly and any(each.target.request.automatic_backup for each in sought)
    oldest = min((each.since.backup for each in sought), default=0)
    named: set[str] = set()
    lowest, newest_first, total = float("inf"), True, 0
    found = Found(recognition)
    page: Page | None = None
    async for page in pages:
        found.pages += 1
        found.may_have_slipped = found.may_have_slipped or (page.total is not None and page.total < total)
        total = page.total or 0
        for backup in read_backups(page.rows):
            if backup.id in found.seen:
                continue  # Backups that began meanwhile have moved it down from the page before.
            found.seen.add(backup.id)
            newest_first = newest_first and backup.id < lowest
            lowest = min(lowest, backup.id)
            named |= recognition.named.keys() & recognition.take(backup)
        all_seen = wanted <= named and not thorough
        if all_seen:
            found.may_have_slipped = False
        may_stop = all_seen or (newest_first and len(found.seen) >= IN_ORDER and lowest <= oldest)
        if may_stop and not to_the_end:
            break
    else:
        found.is_whole = page is None or not page.more
        # A list that ends before the last page that it tells of proves nothing of what it did not show.
        found.may_have_slipped = found.may_have_slipped or not (found.is_whole or wanted <= named)
    return found
