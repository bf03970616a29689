"""The list of backups of one organization, read for many targets at once and no further back than needed.

The order of the list is not documented: newest first is made use of while it is seen, any other is read to the end.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass
from functools import partial
from typing import Final

from fleet.serveravatar.errors import ApiError
from fleet.serveravatar.listing import Send, pages
from fleet.serveravatar.models import Backup
from fleet.serveravatar.wire import Page, list_backups, read_page, read_rows
from fleet.sought import NOTHING_KNOWN, Mark, Recognition, Sought, mark_of
from fleet.watch import Extent, Watch, extent_of, falls

GATHERING: Final = 0.2
"""Seconds that a look waits for others to share it."""


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest backups of an organization, as far as they were read.

    Attributes:
        rows: the rows, in no certain order.
        pages: how many pages were read for them.
        is_all: whether the list has no more.
        unread: why it could not be read; empty where it was.
    """

    rows: tuple[Backup, ...] = ()
    pages: int = 0
    is_all: bool = False
    unread: str = ""


class BackupList:
    """Finds backups of this run in the list of an organization.

    Attributes:
        marked: where the list ended before the run.
        pages_read: how many pages the last reading took.
    """

    def __init__(self, send: Send, organization: int) -> None:
        self.marked: Mark = NOTHING_KNOWN
        self.pages_read = 0
        self._extent: Extent | None = None
        self._send = send
        self._request_of = partial(list_backups, organization)
        self._pages_of = partial(pages, send, self._request_of)
        self._asked: dict[str, Sought] = {}
        self._upcoming: asyncio.Task[dict[str, list[Backup]]] | None = None
        self._readings: set[asyncio.Task[dict[str, list[Backup]]]] = set()
        self._reading = asyncio.Lock()

    async def mark(self, *, exactly: bool = False) -> None:
        """Remember where the list ends before the run, from one page of it.

        Args:
            exactly: read on where the list is not newest first. An instant backup carries its key and may be looked for
                from too far back; a plan is known only by being newer than all that were there.

        Raises:
            ApiError: the list could not be read.
        """
        rows: list[Backup] = []
        async for page in self._pages_of():
            self._extent = extent_of(page) if page.number == 1 else self._extent
            rows += read_rows(Backup, page.rows)
            if not exactly or falls(row.id for row in rows):
                break
        self.marked = mark_of(rows)

    async def look(self, sought: Sought) -> list[Backup]:
        """Look for one backup, in one reading with all others that look at about this time.

        The reading begins after this call, so what was applied before it is seen if the API shows it by then.

        Returns:
            The rows that are it; more than one if it was made twice.

        Raises:
            ApiError: the list could not be read.
        """
        self._asked[sought.key] = sought
        if self._upcoming is None:
            self._upcoming = asyncio.create_task(self._read_for_all_who_asked())
            self._readings.add(self._upcoming)
            self._upcoming.add_done_callback(self._readings.discard)
        found = await asyncio.shield(self._upcoming)
        return found.get(sought.key, [])

    async def close(self) -> None:
        """End what is being read: nobody waits for it any more once its run is over."""
        readings = list(self._readings)
        for reading in readings:
            reading.cancel()
        await asyncio.gather(*readings, return_exceptions=True)

    def watch(self, sought: Collection[Sought], ended: Callable[[], None]) -> Watch:
        """Begin to await that backups are complete; `ended` is called for each that is, or never will be."""
        is_all_of_this_run = all(each.since == self.marked for each in sought)
        return Watch(sought, self._extent if is_all_of_this_run else None, ended)

    def await_too(self, watch: Watch, sought: Collection[Sought], covered: int | None = None) -> None:
        """Await what was sent since; what an earlier run has sent is only found in the whole list."""
        watch.blind = watch.blind or any(each.since != self.marked for each in sought)
        watch.await_too(sought, covered)

    async def look_for_progress(self, watch: Watch, elapsed: float, *, last: bool) -> int:
        """Read what the watch asks for, and the whole list where nothing else helps.

        Args:
            watch: what is awaited.
            elapsed: seconds since it began.
            last: whether it is the last look, so that everything is read.

        Returns:
            How many pages it took.

        Raises:
            ApiError: the list could not be read; what was read until then is known to the watch.
        """
        watch.begin(elapsed, last=last)
        pages_read = 0
        while (number := watch.next_page()) is not None:
            request = self._request_of(number)
            watch.take(read_page(request, await self._send(request)))
            pages_read += 1
        if watch.needs_the_whole_list:
            found = await self.find(watch.awaited.values())
            watch.take_all(found, self.pages_read)
            pages_read += self.pages_read
        return pages_read

    async def newest(self, most: int) -> Newest:
        """Read the newest backups from so many pages at most; of a list in no order, those of its first pages.

        A list that cannot be read is told as such, with what was read of it.
        """
        rows: dict[int, Backup] = {}
        read = 0
        try:
            async for page in self._newest_pages():
                read += 1
                rows |= {row.id: row for row in read_rows(Backup, page.rows)}
                if read >= most:
                    return Newest(tuple(rows.values()), read, is_all=read == (page.last or 0))
        except ApiError as error:
            return Newest(tuple(rows.values()), read, unread=str(error))
        return Newest(tuple(rows.values()), read, is_all=True)

    async def _newest_pages(self) -> AsyncIterator[Page]:
        """The pages as the list has them, or, where its oldest come first, the last ones first."""
        async for page in self._pages_of():
            yield page
            ids = [row.id for row in read_rows(Backup, page.rows)]
            if page.number == 1 and page.last and not falls(ids) and falls(ids[::-1]):
                break
        else:
            return
        for number in range(page.last, 1, -1):
            request = self._request_of(number)
            yield read_page(request, await self._send(request))

    async def _read_for_all_who_asked(self) -> dict[str, list[Backup]]:
        await asyncio.sleep(GATHERING)
        async with self._reading:
            asked, self._asked, self._upcoming = self._asked, {}, None
            return await self.find(asked.values(), exactly=True)

    async def find(
        self, sought: Collection[Sought], *, thorough: bool = False, exactly: bool = False
    ) -> dict[str, list[Backup]]:
        """Read the list until everything was seen, or back to where it ended before the oldest of what is sought.

        Args:
            sought: what to look for.
            thorough: read on when everything was seen, so that a second one of the same key is seen too.
            exactly: read on to the end when a plan was recognised: an older backup may show that it is an old one.

        Returns:
            The rows that were recognised, by key.
        """
        recognition = Recognition(sought)
        oldest = min((each.since.backup for each in sought), default=0)
        seen: set[int] = set()
        lowest, newest_first, self.pages_read = float("inf"), True, 0
        async for page in self._pages_of():
            self.pages_read += 1
            for backup in read_rows(Backup, page.rows):
                if backup.id in seen:
                    continue  # Backups that began meanwhile have moved it down from the page before.
                seen.add(backup.id)
                newest_first = newest_first and backup.id < lowest
                lowest = min(lowest, backup.id)
                recognition.take(backup)
            all_seen = len(recognition.found) == len(sought) and not thorough
            may_stop = all_seen or (newest_first and lowest <= oldest)
            if may_stop and not (exactly and recognition.has_plans):
                break
        return recognition.found
