"""What the ledger knows, for people: entries by server, outcome, run key and time, and the reports of runs."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from fleet.ledger.engine import UNUSABLE, LedgerError, create_engine, explained
from fleet.ledger.schema import entries, migrate, runs

OPEN: Final = "open"
"""Asks for entries without an end: what a run is at, or was at when it died."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What to show; None leaves a filter out.

    Attributes:
        server: a name with `*` and `?`, or an id.
        outcome: an outcome, or `open`.
        run_key: of one run.
        since: only what changed since then.
    """

    server: str | None = None
    outcome: str | None = None
    run_key: str | None = None
    since: datetime | None = None


async def read_history(url: str, asked: Asked) -> list[dict[str, Any]]:
    """Read entries, the newest first.

    Returns:
        Plain values; times are ISO 8601 in UTC.

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
    found = [_shown(row) for row in await _rows(url, query)]
    return [row for row in found if asked.server is None or _is_server(row, asked.server)]


async def last_report(url: str) -> dict[str, Any] | None:
    """Read the report of the last run that came to its end; None when there is none.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    rows = await _rows(url, sa.select(runs).order_by(runs.c.ended_at.desc()).limit(1))
    return dict(rows[0].report) if rows else None


async def reports_of(url: str, fleet_file: str, most: int) -> AsyncGenerator[dict[str, Any], None]:
    """Read the reports of a fleet's runs, the newest first; the ledger is held shortly, once for each.

    One at a time: that of 10,000 targets takes 9 MB, and the newest usually settle what is asked.

    Args:
        url: of the ledger.
        fleet_file: the name of the fleet file.
        most: reports to read.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    of_fleet = sa.select(runs).where(runs.c.fleet == fleet_file).order_by(runs.c.ended_at.desc(), runs.c.id.desc())
    engine = create_engine(url)
    try:
        for position in range(most):
            rows = await _fetched(engine, of_fleet.limit(1).offset(position))
            if not rows:
                return
            yield dict(rows[0].report)
    finally:
        await engine.dispose()


async def _rows(url: str, query: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
    engine = create_engine(url)
    try:
        return await _fetched(engine, query)
    finally:
        await engine.dispose()


async def _fetched(engine: AsyncEngine, query: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(migrate)
            return (await connection.execute(query)).all()
    except UNUSABLE as error:
        raise LedgerError(explained(engine.url, error)) from None


def _is_server(row: dict[str, Any], pattern: str) -> bool:
    return pattern == str(row["server_id"]) or fnmatchcase(row["server"], pattern)


def _shown(row: sa.Row[Any]) -> dict[str, Any]:
    return {
        "updated_at": _time(row.updated_at),
        "run_key": row.run_key,
        "key": row.key,
        "organization": row.organization,
        "server_id": row.server_id,
        "server": row.server,
        "application_id": row.application_id,
        "application": row.application,
        "automatic_backup": row.automatic,
        "outcome": row.outcome or OPEN,
        "doubtful": row.doubtful,
        "reason": row.reason,
        "attempts": row.attempts,
        "looked": row.looked,
        "sent_at": _time(row.sent_at),
        "backup_id": row.backup_id,
        "plan_id": row.plan_id,
        "request": row.request,
    }


def _time(seconds: float | None) -> str | None:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds") if seconds is not None else None
