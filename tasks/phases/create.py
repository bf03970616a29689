"""The creating phase: what is ours is created, what another run is working on is awaited, what exists is adopted."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Sequence
from functools import partial
from typing import Final

from prefect import get_run_logger

from fleet.inventory.target import Target
from fleet.ledger.database.engine import LedgerError
from fleet.report.outcome import Exit, Halt
from fleet.report.progress import listener
from fleet.serveravatar.errors import ApiError, ApiUnusableError
from tasks.claim import claim
from tasks.creating.admission import Admission
from tasks.creating.in_flight import Leave, Work, do_all
from tasks.phases.create_one import CreateOne
from tasks.phases.existing import Existing
from tasks.run.backup_lists import BackupLists
from tasks.run.entries import Entries
from tasks.run.results import Results
from tasks.run.unvisited import unvisited
from tasks.telling.quiet_tasks import only_problems_of_tasks

POLL_SECONDS: Final = 1.0
"""How often the ledger is asked what another run has done."""
BEGUN_AT_ONCE: Final = 128
"""Creates that have begun and not had their first response: more than any `--concurrency`, so that none is idle."""
BEGUN_AT_FIRST: Final = 10
"""At first; then one more with each response: the brakes see refusals before most of a fleet is sent."""


async def mark_lists(lists: BackupLists, targets: Sequence[Target]) -> None:
    """Note where the backup lists end before anything is sent; if that fails, later looks only read more pages."""
    with_plans = {target.organization for target in targets if target.request.automatic_backup}
    for organization in {target.organization for target in targets}:
        try:
            await lists.of(organization).mark(exactly=organization in with_plans)
        except (ApiError, ApiUnusableError) as error:
            words = f"organization {organization}: the backup list could not be read before the run: {error}"
            get_run_logger().warning("%s", words)


class CreateAll:
    """Creates what is missing of a fleet, in the order of the fleet file: the client paces the requests."""

    def __init__(
        self, entries: Entries, results: Results, existing: Existing, one: CreateOne, admission: Admission
    ) -> None:
        """Prepare.

        Args:
            entries: what the ledger knows.
            results: how the targets stand.
            existing: settles what exists already.
            one: creates one target.
            admission: decides which create may begin.
        """
        self._entries = entries
        self._results = results
        self._existing = existing
        self._one = one
        self._admission = admission

    async def create(self, targets: Sequence[Target]) -> None:
        """Claim the targets, and see each of them to its end."""
        listener.get().phase("create", len(targets))
        if not targets:
            return
        try:
            ours = await claim(len(targets), unvisited(targets), self._entries, unvisited(self._results.observed))
        except LedgerError as error:
            self._results.stop(Halt(Exit.UNEXPECTED, str(error)))
            self._results.leave_out(targets, str(error))
            return
        # What exists first: whether accepted plans have shown their first backups is evidence about those in doubt.
        mine = sorted((target for target, is_mine in zip(targets, ours, strict=True) if is_mine), key=self._is_missing)
        others = [target for target, is_mine in zip(targets, ours, strict=True) if not is_mine]
        self._one.expect(sum(map(self._is_missing, mine)))
        async with self._admission:
            with only_problems_of_tasks():
                await self._all_of(self._work(mine, others))

    def _is_missing(self, target: Target) -> bool:
        return not self._entries.of(target).is_settled

    async def _work(self, mine: Sequence[Target], others: Sequence[Target]) -> AsyncIterator[Work]:
        yield partial(self._await_others, others)
        async for target in self._admission.admitted(mine):
            yield partial(self._create, target)

    async def _all_of(self, work: Iterable[Work] | AsyncIterable[Work]) -> None:
        """Do everything to its end; a ledger that fails stops the run, but lets targets in progress finish."""
        for error in await do_all(work, BEGUN_AT_ONCE, BEGUN_AT_FIRST):
            if not isinstance(error, LedgerError):
                raise error
            self._results.stop(Halt(Exit.UNEXPECTED, str(error)))

    async def _create(self, target: Target, leave: Leave) -> None:
        try:
            if await self._existing.exists(target, leave):
                listener.get().advance(await self._existing.adopt(target))
            else:
                listener.get().advance(await self._one.create(target, leave))
        finally:
            self._admission.settled(target)

    async def _await_others(self, targets: Sequence[Target], leave: Leave) -> None:
        """Wait for what another run of the same key is working on; take over what it leaves behind when it dies."""
        leave()
        waiting = list(targets)
        while waiting and not self._results.halt:
            done = [target for target in waiting if self._entries.of(target).outcome is not None]
            for target in done:
                listener.get().advance(await self._existing.adopt(target, is_ours=False))
            waiting = [target for target in waiting if self._entries.of(target).outcome is None]
            if waiting:
                words = f"another run with this key, which handles {len(waiting)} of these targets"
                listener.get().waiting(words, POLL_SECONDS)
                await asyncio.sleep(POLL_SECONDS)
                waiting = await self._still_theirs(waiting)
        self._results.leave_out(waiting, self._results.halt.reason if self._results.halt else "")

    async def _still_theirs(self, waiting: Sequence[Target]) -> list[Target]:
        """Take over what another run has left behind, and return what it is still working on."""
        try:
            ours = await self._entries.claim(waiting, self._results.observed)
        except LedgerError as error:
            self._results.stop(Halt(Exit.UNEXPECTED, str(error)))
            return list(waiting)
        taken_over = [target for target, is_mine in zip(waiting, ours, strict=True) if is_mine]
        self._one.expect(sum(map(self._is_missing, taken_over)))
        await self._all_of([partial(self._taken_over, target) for target in taken_over])
        return [target for target, is_mine in zip(waiting, ours, strict=True) if not is_mine]

    async def _taken_over(self, target: Target, leave: Leave) -> None:
        """One that another run has left behind waits for its turn like every other."""
        leave()
        await self._admission.turn(target)
        await self._create(target, leave)
