"""The open ledger of a run: claims under its lease, durable saves, and its report."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Any, Final, Self

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fleet.ledger.database.clock import ledger_time
from fleet.ledger.database.engine import LedgerError, by_statement, create_engine
from fleet.ledger.database.outage import Tell, repeated
from fleet.ledger.database.schema import entries, migrate
from fleet.ledger.database.shielded import shielded
from fleet.ledger.database.transaction import Result, Work
from fleet.ledger.database.upsert import insert_missing
from fleet.ledger.entry import Entry
from fleet.ledger.entry_rows import Subject, columns, entry_of, subject_columns
from fleet.ledger.group_commit import GroupedSaves
from fleet.ledger.lease import LEASE_SECONDS, NOBODY, RENEW_SECONDS, Holder, Lease, living
from fleet.ledger.reports import write_report
from fleet.ledger.same_ledger import SameLedger
from fleet.report.report import Report

OUTAGE_SECONDS: Final = LEASE_SECONDS - RENEW_SECONDS
"""How long a run waits for its ledger: as long as its lease holds in any case, so that no other run takes over."""
_SOON_SECONDS: Final = 1.0
"""Until a renewal that failed is tried again."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The result of a claim: the entry, and whether this run owns it."""

    entry: Entry
    ours: bool


class Ledger:
    """The open ledger of one run. An async context manager; opening it proves that it can be written."""

    def __init__(self, url: str, holder: Holder = NOBODY, tell: Tell = lambda _: None) -> None:
        """Prepare; nothing is opened yet.

        Args:
            url: of the database.
            holder: the run, as the ledger shows it to others.
            tell: called with a line when the run waits for the database, and when that is back.
        """
        self._tell = tell
        self._engine = create_engine(url)
        self._lease = Lease(holder)
        self._same = SameLedger(self._engine, self._lease.owner)
        self._clock_offset = 0.0
        self._saves = GroupedSaves(self._write)
        self._services: list[asyncio.Task[None]] = []
        self._closing = False
        self._renew_after = RENEW_SECONDS

    async def __aenter__(self) -> Self:
        try:
            await repeated(self._open, self._engine.url, tell=self._tell)
        except BaseException:
            await self._dispose()
            raise
        self._services = [
            asyncio.create_task(self._until_closed(self._saves.write_next_group)),
            asyncio.create_task(self._until_closed(self._renew_lease)),
        ]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._leave()

    def now(self) -> float:
        """Epoch seconds; on PostgreSQL by the database's clock, so that all machines agree."""
        return time.time() + self._clock_offset

    async def claim(self, wanted: Sequence[tuple[Entry, Subject]]) -> dict[str, Claim]:
        """Create missing entries, and take over those that no living run owns.

        Args:
            wanted: a fresh entry and its subject for each target.

        Returns:
            For each key the entry as the ledger has it now, and whether this run owns it.

        Raises:
            LedgerError: the ledger cannot be written.
        """
        claims: dict[str, Claim] = {}
        # Always in the same order, so that two claims cannot deadlock.
        for some in by_statement(sorted(wanted, key=lambda each: each[0].key)):
            claims |= await self.transact(partial(self._claim, some))
        return claims

    async def save(self, entry: Entry) -> Entry:
        """Record an entry durably; entries saved at about the same time share one commit.

        Returns:
            The entry.

        Raises:
            LedgerError: the ledger cannot be written.
            LostLeaseError: this run no longer owns the entry.
        """
        await self._saves.save(entry)
        return entry

    async def record_run(self, fleet: str, report: Report) -> float:
        """Store the report of a finished run.

        Returns:
            Its end in epoch seconds, as the ledger has it.

        Raises:
            LedgerError: the ledger cannot be written.
        """
        ended_at = self.now()
        await self.transact(lambda connection: write_report(connection, fleet, ended_at, report))
        return ended_at

    async def transact(self, work: Work[Result]) -> Result:
        """Do some work in a transaction of the open ledger, which is waited for if it is away.

        Args:
            work: what to do; safe to repeat, even if it was committed.

        Raises:
            LedgerError: the ledger cannot be used, was away for too long, or is not the one the run began with.
        """

        async def attempt() -> Result:
            async with self._engine.begin() as connection:
                await self._same.prove(connection)
                result = await work(connection)
                self._same.prove_file()
                return result

        return await repeated(attempt, self._engine.url, OUTAGE_SECONDS, self._tell)

    async def _open(self) -> None:
        async with self._engine.begin() as connection:
            await connection.run_sync(migrate)
            await self._read_clock(connection)
            await self._lease.free_the_dead(connection, self.now())
            await self._lease.renew(connection, self.now())
            self._same.prove_file()

    @shielded
    async def _leave(self) -> None:
        self._closing = True
        for service in self._services:
            service.cancel()
        await asyncio.gather(*self._services, return_exceptions=True)
        self._saves.close()
        with contextlib.suppress(LedgerError):  # It is not waited for: without this, the lease ends by itself.
            await repeated(self._end, self._engine.url, most=0.0)
        await self._engine.dispose()

    async def _end(self) -> None:
        async with self._engine.begin() as connection:
            await self._lease.end(connection)

    @shielded
    async def _dispose(self) -> None:
        await self._engine.dispose()

    async def _claim(self, wanted: Sequence[tuple[Entry, Subject]], connection: AsyncConnection) -> dict[str, Claim]:
        keys = [entry.key for entry, _ in wanted]
        await self._lease.free_the_dead(connection, self.now())
        await self._insert_missing(connection, wanted)
        now = self.now()
        take = entries.update().where(entries.c.key.in_(keys), entries.c.owner.not_in(living(now)))
        await connection.execute(take.values(owner=self._lease.owner, updated_at=now))
        rows = await connection.execute(sa.select(entries).where(entries.c.key.in_(keys)))
        return {row.key: Claim(entry_of(row), row.owner == self._lease.owner) for row in rows}

    async def _insert_missing(self, connection: AsyncConnection, wanted: Iterable[tuple[Entry, Subject]]) -> None:
        now = self.now()
        fixed = {"owner": self._lease.owner, "created_at": now, "updated_at": now}
        rows = [{**columns(entry), **subject_columns(subject), **fixed} for entry, subject in wanted]
        await insert_missing(connection, entries, rows)

    async def _until_closed(self, serve: Callable[[], Awaitable[None]]) -> None:
        """Serve repeatedly, even if cancelled: an exiting process cancels all tasks while the last responses arrive."""
        while not self._closing:
            try:
                await serve()
            except asyncio.CancelledError:
                if self._closing:
                    raise

    async def _write(self, group: Sequence[Entry]) -> set[str]:
        return await self.transact(partial(self._written, group))

    async def _written(self, group: Sequence[Entry], connection: AsyncConnection) -> set[str]:
        """Write a group in one commit; return the keys that this run owns."""
        last = {entry.key: entry for entry in group}
        in_order = [last[key] for key in sorted(last)]  # In the lock order of claims.
        rows = [{f"new_{name}": value for name, value in columns(entry).items()} for entry in in_order]
        changes: dict[str, Any] = {name.removeprefix("new_"): sa.bindparam(name) for name in rows[0]}
        key = changes.pop("key")
        update = entries.update().where(entries.c.key == key, entries.c.owner == self._lease.owner)
        done = await connection.execute(update.values(**changes, updated_at=self.now()), rows)
        return set(last) if done.rowcount == len(rows) else await self._owned(connection, list(last))

    async def _owned(self, connection: AsyncConnection, keys: Sequence[str]) -> set[str]:
        """Which of the entries this run owns: not every driver counts the rows of a batch of updates."""
        ours: set[str] = set()
        for some in by_statement(keys):
            mine = entries.c.key.in_(some), entries.c.owner == self._lease.owner
            ours |= set((await connection.scalars(sa.select(entries.c.key).where(*mine))).all())
        return ours

    async def _renew_lease(self) -> None:
        await asyncio.sleep(self._renew_after)
        self._renew_after = _SOON_SECONDS  # It may have expired by now: others would take this run for dead.
        with contextlib.suppress(LedgerError):  # The next save reports what is wrong.
            await self.transact(lambda connection: self._lease.renew(connection, self.now()))
            self._renew_after = RENEW_SECONDS

    async def _read_clock(self, connection: AsyncConnection) -> None:
        self._clock_offset = await ledger_time(connection) - time.time()
