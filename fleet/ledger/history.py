"""The ledger's history, for people: entries by server, outcome, run key and time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fleet.inventory.matching.patterns import matches
from fleet.ledger.database.schema import entries, runs
from fleet.ledger.database.transaction import written
from fleet.ledger.history_report import OPEN, HistoryEntry


@dataclass(frozen=True, slots=True)
class Asked:
    """What to show; None leaves a filter out.

    Attributes:
        server: a name with `*` and `?`, or an id.
        outcome: an outcome, or `open`.
        run_key: of one run.
        since: only what changed since then.
        fleet: only the runs of this fleet that have ended: its name, or its fleet file's.
    """

    server: str | None = None
    outcome: str | None = None
    run_key: str | None = None
    since: datetime | None = None
    fleet: str | None = None


async def read_history(url: str, asked: Asked) -> list[HistoryEntry]:
    """Read entries, the newest first.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    query = sa.select(entries).order_by(entries.c.updated_at.desc(), entries.c.key)
    if asked.run_key is not None:
        query = query.where(entries.c.run_key == asked.run_key)
    if asked.outcome is not None:
        wanted = None if asked.outcome == OPEN else asked.outcome
        query = query.where(entries.c.outcome.is_(None) if wanted is None else entries.c.outcome == wanted)
    if asked.since is not None:
        query = query.where(entries.c.updated_at >= asked.since.timestamp())
    if asked.fleet is not None:
        query = query.where(entries.c.run_key.in_(sa.select(runs.c.run_key).where(runs.c.fleet == asked.fleet)))
    found = [_shown(row) for row in await _rows(url, query)]
    return [row for row in found if asked.server is None or _is_server(row, asked.server)]


async def _rows(url: str, query: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
    async def work(connection: AsyncConnection) -> Sequence[sa.Row[Any]]:
        return (await connection.execute(query)).all()

    return await written(url, work)


def _is_server(row: HistoryEntry, pattern: str) -> bool:
    return pattern == str(row.server_id) or matches(pattern, row.server)


def _shown(row: sa.Row[Any]) -> HistoryEntry:
    return HistoryEntry(
        updated_at=_time(row.updated_at),
        run_key=row.run_key,
        key=row.key,
        organization=row.organization,
        server_id=row.server_id,
        server=row.server,
        application_id=row.application_id,
        application=row.application,
        automatic_backup=row.automatic,
        outcome=row.outcome or OPEN,
        doubtful=row.doubtful,
        reason=row.reason,
        attempts=row.attempts,
        looked=row.looked,
        sent_at=None if row.sent_at is None else _time(row.sent_at),
        backup_id=row.backup_id,
        plan_id=row.plan_id,
        evidence=row.evidence,
        request=row.request,
    )


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=0)
