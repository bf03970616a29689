"""Reading the list of backups for an audit: from its newest end, and no further back than any target needs.

The order of the list is not documented: newest first is made use of while it is seen, any other is read to the end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from fleet.evidence import EvidenceBook, latest_of_each
from fleet.serveravatar.listing import Send, whole_pages
from fleet.serveravatar.models import Backup
from fleet.serveravatar.wire import list_backups, read_rows
from fleet.sightings import Descent, Sightings


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of it: what to remember, and how many pages were read."""

    sightings: Sightings
    pages: int


async def read_backups(
    send: Send, organization: int, book: EvidenceBook, remembered: Sightings | None, now: datetime
) -> Reading:
    """Read the list until older rows could change nothing, and give the book all that it needs.

    Args:
        send: sends a request and returns the JSON of its answer.
        organization: whose list.
        book: is given the rows, and says when it needs no more.
        remembered: what the last audit saw; None to believe nothing.
        now: the time.

    Raises:
        ApiError: a page could not be read.
        ApiUnusableError: no request of this run will fare better.
    """
    memory = _Memory(remembered)
    descent, seen, pages = Descent(), dict[int, Backup](), 0
    async for page in whole_pages(send, partial(list_backups, organization)):
        pages += 1
        rows = [row for row in read_rows(Backup, page.rows) if row.id not in seen]
        descent.take(rows)
        seen |= {row.id: row for row in rows}
        book.take(rows)
        if descent.is_newest_first:
            book.take(memory.joined_at(descent))
            if memory.floor == 0 or book.is_settled(memory.oldest(descent)):
                break
    else:
        return Reading(Sightings(_kept(seen, ()), 0, descent.oldest, now, now), pages)
    floor = min(descent.lowest, memory.floor)
    since = remembered.since if remembered and memory.is_joined else now
    kept = _kept(seen, memory.backups)
    return Reading(Sightings(kept, floor, memory.oldest(descent), now, since), pages)


def _kept(seen: dict[int, Backup], remembered: Sequence[Backup]) -> tuple[Backup, ...]:
    return tuple(latest_of_each([*seen.values(), *(row for row in remembered if row.id not in seen)]))


class _Memory:
    """What is remembered, once reading has come down to it."""

    def __init__(self, remembered: Sightings | None) -> None:
        self._remembered = remembered
        self._read_down_to = remembered.read_down_to if remembered else 0
        self.is_joined = False
        self.floor = 2**63
        self.backups: tuple[Backup, ...] = ()

    def joined_at(self, descent: Descent) -> tuple[Backup, ...]:
        """What is remembered of the rows below those read, when reading has just come down to them; else nothing.

        A remembered row above them that was not seen again was deleted.
        """
        if self._remembered is None or self.is_joined or descent.lowest > self._read_down_to:
            return ()
        self.is_joined, self.floor = True, self._remembered.floor
        self.backups = tuple(row for row in self._remembered.backups if row.id < descent.lowest)
        return self.backups

    def oldest(self, descent: Descent) -> datetime | None:
        """The time of the oldest row that was read, now or earlier."""
        known = self._remembered.oldest if self._remembered and self.is_joined else None
        return min(filter(None, (known, descent.oldest)), default=None)
