"""Reads the ledger without claiming, writing or creating anything. A missing ledger is empty."""

import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fleet.ledger.database.engine import by_statement
from fleet.ledger.database.schema import entries, owners, runs
from fleet.ledger.database.transaction import read
from fleet.ledger.entry import Entry
from fleet.ledger.entry_rows import Subject, entry_of, subject_of
from fleet.ledger.owner_process import is_gone


@dataclass(frozen=True, slots=True)
class RecordedPlan:
    """An automatic plan that was sent.

    Attributes:
        entry: as the ledger has it.
        subject: what it backs up.
        fleets: the fleet files whose runs created the entry; empty if no such run finished.
    """

    entry: Entry
    subject: Subject
    fleets: frozenset[str]


@dataclass(frozen=True, slots=True)
class RecordedEntry:
    """An entry, and whether a running run owns it: until that ends, no other run acts on it."""

    entry: Entry
    is_taken: bool


async def read_entries(url: str, keys: Iterable[str]) -> dict[str, RecordedEntry]:
    """Read entries by key; unknown keys are left out.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    wanted = list(keys)

    async def work(connection: AsyncConnection) -> dict[str, RecordedEntry]:
        # This machine's clock is good enough for a preview.
        leases = await _rows(connection, sa.select(owners).where(owners.c.lease_until > time.time()))
        alive = {each.id for each in leases if not is_gone(each.space, each.pid)}
        found: dict[str, RecordedEntry] = {}
        for some in by_statement(wanted):
            for row in await _rows(connection, sa.select(entries).where(entries.c.key.in_(some))):
                found[row.key] = RecordedEntry(entry_of(row), row.owner in alive)
        return found

    return await read(url, work, {})


async def read_plans(url: str) -> list[RecordedPlan]:
    """Read all automatic plans that exist or may exist, as far as the ledger knows.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    return await read(url, _plans, [])


async def _plans(connection: AsyncConnection) -> list[RecordedPlan]:
    rows = await _rows(connection, sa.select(entries).where(entries.c.automatic).order_by(entries.c.key))
    their_runs = sa.select(entries.c.run_key).where(entries.c.automatic)
    known_runs = sa.select(runs.c.run_key, runs.c.fleet).distinct().where(runs.c.run_key.in_(their_runs))
    fleets: defaultdict[str, set[str]] = defaultdict(set)
    for run in await _rows(connection, known_runs):
        fleets[run.run_key].add(run.fleet)
    recorded = [(entry_of(row), row) for row in rows]
    return [
        RecordedPlan(entry, subject_of(row), frozenset(fleets[row.run_key]))
        for entry, row in recorded
        if entry.is_settled or entry.doubtful
    ]


async def sent_plans(url: str) -> frozenset[str]:
    """The keys of all automatic plans that exist or may exist.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    return frozenset(plan.entry.key for plan in await read_plans(url))


async def _rows(connection: AsyncConnection, query: sa.Select[Any]) -> list[sa.Row[Any]]:
    return list((await connection.execute(query)).all())
