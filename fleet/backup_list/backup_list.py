"""The list of backups of one organization, read for many targets at once and no further back than needed.

The order of the list is not documented: newest first is made use of while it is seen, any other is read to the end.
"""

import asyncio
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from fleet.backup_list.newest import Newest, read_newest
from fleet.backup_list.own_rows import NoClaims, OwnRows
from fleet.backup_list.search import Found, search
from fleet.backup_list.watch import Watch
from fleet.dialect.dialect import Order
from fleet.dialect.learner import Learner, learn_from
from fleet.pagination.course import KEPT_CHANGING, TRIES
from fleet.pagination.extent import IN_ORDER, Extent, extent_of, falls
from fleet.proof.absence import Looked
from fleet.proof.recognition import Recognition
from fleet.proof.sought import NOTHING_KNOWN, Mark, Sought, mark_of
from fleet.proof.verification import Judging
from fleet.serveravatar.backup_rows import read_backups
from fleet.serveravatar.catalogue import Meaning
from fleet.serveravatar.errors import ApiError
from fleet.serveravatar.listing import Send, pages
from fleet.serveravatar.models import Backup
from fleet.serveravatar.wire import Call, Page, Request, list_backups, read_page

MOST_MARKED: Final = 50
"""Pages that are read at most to know exactly where a list ends that is in no order."""
GATHERING: Final = 0.2
"""Seconds that a look waits for others to share it."""


class BackupList:
    """Finds backups of this run in the list of an organization.

    Attributes:
        own: which of its rows are the run's own.
        marked: where the list ended before the run.
        pages_read: how many pages the last reading took.
    """

    def __init__(self, send: Send, organization: int, own: OwnRows | None = None) -> None:
        """Prepare; nothing is read yet.

        Args:
            send: sends a request and returns the JSON of its answer.
            organization: whose list.
            own: which rows are the run's; by default nothing is known of the API, and nothing claimed.
        """
        self.own = own or OwnRows(organization, Learner(), NoClaims())
        self.marked: Mark = NOTHING_KNOWN
        self.pages_read = 0
        self._extent: Extent | None = None
        self._unlearned_send = send
        self._request_of = partial(list_backups, organization)
        self._pages_of = partial(pages, self._send, self._request_of)
        self._asked: dict[str, Sought] = {}
        self._upcoming: asyncio.Task[dict[str, Looked]] | None = None
        self._readings: set[asyncio.Task[dict[str, Looked]]] = set()
        self._reading = asyncio.Lock()

    async def _send(self, request: Request) -> Any:  # noqa: ANN401 - JSON, as every `Send` returns it
        answer = await self._unlearned_send(request)
        learn_from(self.own.learner, request, answer)
        return answer

    async def _page(self, number: int) -> Page:
        request = self._request_of(number)
        return read_page(request, await self._send(request))

    @property
    def judging(self) -> Judging:
        """What judging a row of this list needs to know."""
        return self.own.learner.dialect.judging(datetime.fromtimestamp(self.own.now(), UTC))

    async def mark(self, *, exactly: bool = False) -> None:
        """Remember where the list ends before the run.

        From one page of it where that is newest first, from its last where that is oldest first, else from all of it. A
        list that shows names need not be marked so exactly: then one page is enough, whatever its order.

        Args:
            exactly: also where names are shown: a plan is known only by being newer than all that were there.

        Raises:
            ApiError: the list could not be read.
        """
        rows: list[Backup] = []
        is_enough = not exactly and self.own.grounds.names_shown
        is_ordered = self.own.learner.known.order is not Order.OTHER
        exact = True
        async for page in self._pages_of():
            self._extent = extent_of(page) if page.number == 1 else self._extent
            rows += read_backups(page.rows)
            ids = [row.id for row in rows]
            if not page.more or (is_ordered and len(ids) >= IN_ORDER and falls(ids)):
                break
            if is_ordered and page.last and len(ids) >= IN_ORDER and falls(ids[::-1]):
                rows += read_backups((await self._page(page.last)).rows)
                if falls([row.id for row in rows][::-1]):
                    break
            if is_enough or page.number >= MOST_MARKED:
                exact = False
                break
        self.marked = mark_of(rows, exact=exact)

    async def look(self, sought: Sought) -> Looked:
        """Look for one backup, in one reading with all others that look at about this time.

        The reading begins after this call, so what was applied before it is seen if the API shows it by then.

        Raises:
            ApiError: the list could not be read.
            LedgerError: a row that may be it cannot be claimed.
        """
        self._asked[sought.key] = sought
        if self._upcoming is None:
            self._upcoming = asyncio.create_task(self._read_for_all_who_asked())
            self._readings.add(self._upcoming)
            self._upcoming.add_done_callback(self._readings.discard)
        found = await asyncio.shield(self._upcoming)
        return found[sought.key]

    async def close(self) -> None:
        """End what is being read: nobody waits for it any more once its run is over."""
        readings = list(self._readings)
        for reading in readings:
            reading.cancel()
        await asyncio.gather(*readings, return_exceptions=True)

    def watch(self, sought: Collection[Sought], ended: Callable[[], None]) -> Watch:
        """Begin to await that backups are complete; `ended` is called for each that is, or never will be."""
        is_all_of_this_run = all(each.since == self.marked for each in sought)
        recognition = self.own.recognition(sought)
        return Watch(sought, self._extent if is_all_of_this_run else None, ended, recognition)

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
            page = await self._page(number)
            rows = read_backups(page.rows)
            await self._recognise(watch.recognition, rows)
            judging = self.judging
            watch.take(page, rows, judging, self.own.learner.judged)
            if self.judging.patterns != judging.patterns:
                watch.conclude(self.judging, self.own.learner.judged)
            pages_read += 1
        if watch.needs_the_whole_list:
            found = await self.find(watch.awaited.values(), into=watch.recognition)
            watch.take_all(found.shown, self.pages_read, self.judging, self.own.learner.judged)
            pages_read += self.pages_read
        self.own.not_shown(watch.missing, watch.recognition)
        return pages_read

    async def recognised(self, sought: Collection[Sought], rows: Sequence[Backup]) -> Recognition:
        """Recognise what is sought among rows that were read already."""
        recognition = self.own.recognition(sought)
        await self._recognise(recognition, rows)
        return recognition

    async def _recognise(self, recognition: Recognition, rows: Sequence[Backup]) -> None:
        for row in rows:
            recognition.take(row)
        await self.own.settle(recognition)

    async def newest(self, most: int) -> Newest:
        """Read the newest backups from so many pages at most (`fleet.backup_list.newest`)."""
        return await read_newest(self._pages_of, self._page, most)

    async def _read_for_all_who_asked(self) -> dict[str, Looked]:
        await asyncio.sleep(GATHERING)
        async with self._reading:
            asked, self._asked, self._upcoming = self._asked, {}, None
            found = await self.find(asked.values(), exactly=True)
            self.own.not_shown(self.own.sent.keys(), found.recognition)
            return {key: self.looked(key, found) for key in asked}

    def looked(self, key: str, found: Found) -> Looked:
        """What a reading has shown of one key."""
        recognition = found.recognition
        rows = recognition.rows_of(key)
        own = {row.id for row in rows}
        return Looked(
            rows,
            recognition.evidence_of(key),
            recognition.placing(key),
            tuple(row.id for row in recognition.candidates_of(key) if row.id not in own),
            recognition.grounds.names_shown,
            found.is_whole,
            self.own.shown_up_to(recognition),
        )

    async def find(
        self,
        sought: Collection[Sought],
        *,
        thorough: bool = False,
        exactly: bool = False,
        into: Recognition | None = None,
    ) -> Found:
        """Read the list until everything was seen, or back to where it ended before the oldest of what is sought.

        Args:
            sought: what to look for.
            thorough: read on when everything was seen, so that a second one of the same key is seen too.
            exactly: read on to the end when a plan is sought: an older backup may show that it is an old one.
            into: recognises what is found; by default it is begun anew, with all that the run has sent.

        Raises:
            ApiError: the list could not be read, or rows went from it each time that it was.
            LedgerError: a row that may be one of them cannot be claimed.
        """
        recognition = into or self.own.recognition([*sought, *self.own.sent.values()])
        found = Found(recognition)
        self.pages_read = 0
        for _ in range(TRIES):
            found = await search(self._pages_of(), recognition, sought, thorough=thorough, exactly=exactly)
            self.pages_read += found.pages
            # Who only watches concludes nothing from what a reading does not show: the next look comes anyway.
            if into is not None or not found.may_have_slipped:
                await self.own.settle(recognition)
                return found
        raise ApiError(Call.LIST_BACKUPS, Meaning.IN_DOUBT, f"{KEPT_CHANGING}, or ended before its last page")
