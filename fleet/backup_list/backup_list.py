"""The backup list of one organization, read for many targets at once and no further back than needed.

The order of the list is not documented: newest first is used as long as it is seen; any other order is read to the end.
"""

from collections.abc import Callable, Collection, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from functools import partial
from typing import Any

from fleet.backup_list.marking import read_mark
from fleet.backup_list.newest import Newest, read_newest
from fleet.backup_list.ownership import NoClaims, Ownership
from fleet.backup_list.search import Found, search
from fleet.backup_list.shared_looks import SharedLooks
from fleet.backup_list.watch import Watch
from fleet.dialect.dialect import Order
from fleet.dialect.learner import Learner, learn_from
from fleet.pagination.layout import Layout
from fleet.pagination.traversal import KEPT_CHANGING, TRIES
from fleet.proof.absence import Looked
from fleet.proof.known_api import KnownApi
from fleet.proof.recognition import Recognition
from fleet.proof.sought import NOTHING_KNOWN, Mark, Sought
from fleet.serveravatar.backup_rows import read_backups
from fleet.serveravatar.catalogue import Meaning
from fleet.serveravatar.errors import ApiError
from fleet.serveravatar.listing import Send, pages
from fleet.serveravatar.models import Backup
from fleet.serveravatar.wire import Call, Page, Request, list_backups, read_page


class BackupList:
    """Finds the backups of this run in the list of an organization.

    Attributes:
        own: which of its rows are the run's own.
        marked: where the list ended before the run.
        pages_read: how many pages the last look took.
    """

    def __init__(self, send: Send, organization: int, own: Ownership | None = None) -> None:
        """Prepare; nothing is read yet.

        Args:
            send: sends a request and returns the JSON of its response.
            organization: whose list.
            own: which rows are the run's; by default nothing is known of the API, and nothing claimed.
        """
        self.own = own or Ownership(organization, Learner(), NoClaims())
        self.marked: Mark = NOTHING_KNOWN
        self.pages_read = 0
        self._before: Layout | None = None
        self._unlearned_send = send
        self._request_of = partial(list_backups, organization)
        self._pages_of = partial(pages, self._send, self._request_of)
        self._looks = SharedLooks(self._look_for_all)

    async def _send(self, request: Request) -> Any:  # noqa: ANN401 - JSON, as every `Send` returns it
        answer = await self._unlearned_send(request)
        learn_from(self.own.learner, request, answer)
        return answer

    async def _page(self, number: int) -> Page:
        request = self._request_of(number)
        return read_page(request, await self._send(request))

    @property
    def known_api(self) -> KnownApi:
        """What is known for judging a row of this list."""
        return self.own.learner.dialect.known_api(datetime.fromtimestamp(self.own.now(), UTC))

    async def mark(self, *, exactly: bool = False) -> None:
        """Remember where the list ends before the run (`fleet.backup_list.marking`).

        Args:
            exactly: even if names are shown: a plan is known only by being newer than all that existed.

        Raises:
            ApiError: the list could not be read.
        """
        async with aclosing(self._pages_of()) as listed:
            self.marked, self._before = await read_mark(
                listed,
                self._page,
                may_be_ordered=self.own.learner.known.order is not Order.OTHER,
                one_page_suffices=not exactly and self.own.grounds.names_shown,
            )

    async def look(self, sought: Sought) -> Looked:
        """Look for one backup, in one reading with others that look at about the same time.

        The reading begins after this call, so it shows what was applied before, if the API lists it by then.

        Raises:
            ApiError: the list could not be read.
            LedgerError: a row that may be it cannot be claimed.
        """
        return await self._looks.look(sought)

    async def close(self) -> None:
        """End what is being read: once its run is over, nobody waits for it."""
        await self._looks.close()

    async def _look_for_all(self, sought: Collection[Sought]) -> dict[str, Looked]:
        found = await self.find(sought, exactly=True)
        self.own.not_shown((each.key for each in self.own.sent), found.recognition)
        return {each.key: found.looked(each.key) for each in sought}

    async def find(self, sought: Collection[Sought], *, thorough: bool = False, exactly: bool = False) -> Found:
        """Read the list until everything was seen, or back to where it ended before the oldest of what is sought.

        What the run has sent is recognised as well: it competes for the same rows, and teaches what the API shows.

        Args:
            sought: what to look for.
            thorough: read on when everything was seen, to see a second backup of a key, too.
            exactly: if a plan is sought, read to the end: an older backup may show that the plan is an old one.

        Raises:
            ApiError: the list could not be read, or kept changing each time.
            LedgerError: a row that may be one of them cannot be claimed.
        """
        recognition = self.own.recognition(sought, and_sent=True)
        self.pages_read = 0
        for _ in range(TRIES):
            found = await self._search(recognition, sought, thorough=thorough, exactly=exactly)
            self.pages_read += found.pages
            if not found.may_have_slipped:
                await self.own.settle(recognition)
                found.shown_up_to = self.own.shown_up_to(recognition)
                return found
        raise ApiError(Call.LIST_BACKUPS, Meaning.IN_DOUBT, f"{KEPT_CHANGING}, or ended before its last page")

    async def _search(
        self, recognition: Recognition, sought: Collection[Sought], *, thorough: bool = False, exactly: bool = False
    ) -> Found:
        """Search the list once, and close it: a search may stop before its end."""
        async with aclosing(self._pages_of()) as listed:
            return await search(listed, recognition, sought, thorough=thorough, exactly=exactly)

    def watch(self, sought: Collection[Sought], ended: Callable[[], None]) -> Watch:
        """Begin to await that backups complete; `ended` is called for each that is complete or never will be."""
        is_all_of_this_run = all(each.since == self.marked for each in sought)
        recognition = self.own.recognition(sought)
        return Watch(sought, self._before if is_all_of_this_run else None, ended, recognition)

    def await_too(self, watch: Watch, sought: Collection[Sought], covered: int | None = None) -> None:
        """Await what was sent since; what an earlier run has sent is found only in the whole list."""
        watch.blind = watch.blind or any(each.since != self.marked for each in sought)
        watch.await_too(sought, covered)

    async def look_for_progress(self, watch: Watch, elapsed: float, *, last: bool) -> int:
        """Take one look of a watch: the pages that it asks for, and the whole list if nothing else helps.

        Args:
            watch: what is awaited.
            elapsed: seconds since it began.
            last: whether it is the last look, which reads everything.

        Returns:
            How many pages it took.

        Raises:
            ApiError: the list could not be read; the watch knows what was read before.
            LedgerError: a row that may be awaited cannot be claimed.
        """
        watch.begin(elapsed, last=last)
        pages_read = 0
        while (number := watch.next_page()) is not None:
            page = await self._page(number)
            rows = read_backups(page.rows)
            await self._recognise(watch.recognition, rows)
            api = self.known_api
            watch.take(page, rows, api, self.own.learner.judged)
            if self.known_api.patterns != api.patterns:
                watch.conclude(self.known_api, self.own.learner.judged)
            pages_read += 1
        if watch.needs_the_whole_list:
            # Nothing is concluded from what it does not show: the next look comes anyway.
            found = await self._search(watch.recognition, watch.awaited.values())
            await self.own.settle(watch.recognition)
            watch.take_all(found.shown, found.pages, self.known_api, self.own.learner.judged)
            pages_read += found.pages
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
        """Read the newest backups, from at most this many pages (`fleet.backup_list.newest`)."""
        return await read_newest(self._pages_of, self._page, most)
