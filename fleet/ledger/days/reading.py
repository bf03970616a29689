"""Reads how targets stand and how they stood, for the status page; a missing ledger has none."""

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from fleet.ledger.database.day_tables import target_days, targets
from fleet.ledger.database.engine import is_missing
from fleet.ledger.database.transaction import opened, transacted


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetState:
    """How a target stands, as the last run and the last audit left it; see `fleet.ledger.days.seen.SeenTarget`.

    Attributes:
        key: digest of what makes it the same target.
        outcome: of the last run that covered it; None if none did.
        outcome_at: when that run ended; times are epoch seconds.
        outcome_reason: why; None if all was well.
        status: what the last audit found of it; None if none covered it.
        status_at: when that audit began.
        status_reason: why.
        good_at: when its newest good backup began.
        good_mb: the size of the newest good backup that an audit has seen.
    """

    key: str
    fleet: str
    organization: int
    server_id: int | None
    server: str
    application_id: int | None
    application: str
    domain: str
    database_id: int | None
    database: str
    type: str
    automatic: bool
    max_age: float | None
    outcome: str | None
    outcome_at: float | None
    outcome_reason: str | None
    status: str | None
    status_at: float | None
    status_reason: str | None
    good_at: float | None
    good_mb: float | None


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a target in UTC: the best outcome of its runs, and what its last audit found."""

    day: date
    outcome: str | None = None
    outcome_at: float | None = None
    outcome_reason: str | None = None
    status: str | None = None
    status_at: float | None = None
    status_reason: str | None = None
    good_at: float | None = None
    good_mb: float | None = None


class DayReader:
    """Reads an open ledger in short transactions: a run that saves is not kept waiting."""

    def __init__(self, engine: AsyncEngine | None) -> None:
        self._engine = engine

    async def targets(self, fleet: str | None = None) -> list[TargetState]:
        """Read all targets that are wanted, and what nothing wants; of one fleet, if it is given.

        Raises:
            LedgerError: the ledger cannot be read.
        """
        names = [field.name for field in fields(TargetState)]
        query = sa.select(*(targets.c[name] for name in names)).where(targets.c.current).order_by(targets.c.key)
        if fleet is not None:
            query = query.where(targets.c.fleet == fleet)
        return [TargetState(**row._mapping) for row in await self._rows(query)]  # noqa: SLF001 - SQLAlchemy's public name for it

    async def days(self, keys: Sequence[str], first: date) -> dict[str, list[Day]]:
        """Read the days of a few hundred targets since a day, the oldest first.

        Raises:
            LedgerError: the ledger cannot be read.
        """
        names = [target_days.c[field.name] for field in fields(Day)]
        these = target_days.c.target.in_(keys), target_days.c.day >= first
        query = sa.select(target_days.c.target, *names).where(*these).order_by(target_days.c.target, target_days.c.day)
        found: defaultdict[str, list[Day]] = defaultdict(list)
        for target, *values in await self._rows(query):
            found[target].append(Day(*values))
        return found

    async def _rows(self, query: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
        async def work(connection: AsyncConnection) -> Sequence[sa.Row[Any]]:
            return (await connection.execute(query)).all()

        return await transacted(self._engine, work, commit=False) if self._engine else []


@asynccontextmanager
async def day_reader(url: str) -> AsyncIterator[DayReader]:
    """Open a ledger for reading.

    Raises:
        LedgerError: its URL is invalid.
    """
    if is_missing(url):
        yield DayReader(None)
        return
    async with opened(url) as engine:
        yield DayReader(engine)
