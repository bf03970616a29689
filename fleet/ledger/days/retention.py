"""Removes what is older than it is kept, in short transactions.

What is still needed stays, however old it is: every automatic plan and what led to it, what may exist without anybody
knowing, the newest good backup of each target, the newest reports of each fleet, and the report of each target's last
success.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fleet.ledger.database.day_tables import target_days, targets
from fleet.ledger.database.schema import claims, entries, report_parts, runs
from fleet.ledger.days.from_report import SUCCESS
from fleet.ledger.days.noting import Transact
from fleet.ledger.lease import living
from fleet.report.outcome import Outcome

NEWEST_REPORTS: Final = 30
"""Of each fleet these stay: as far back as streaks are counted."""
_ROWS: Final = 1000
_REPORTS: Final = 5
"""At a time; the report of a large fleet has megabytes."""
_SUCCESS: Final = tuple(sorted(SUCCESS))
Remove = Callable[[AsyncConnection], Any]


@dataclass(frozen=True, slots=True)
class Keep:
    """How long the past is kept, in days.

    Attributes:
        days: the rows of targets and days, for the status page.
        records: reports, and entries of instant backups that have ended.
    """

    days: int
    records: int


async def remove_old(transact: Transact, now: datetime, keep: Keep, is_over: Callable[[], bool]) -> int:
    """Remove what is older than it is kept, until nothing is left or time is up; the next run continues.

    Args:
        transact: of the ledger.
        now: the time.
        keep: how long it is kept.
        is_over: whether time is up.

    Returns:
        How many rows were removed.

    Raises:
        LedgerError: the ledger cannot be written.
    """
    first_day, cutoff = now - timedelta(days=keep.days), (now - timedelta(days=keep.records)).timestamp()
    steps: tuple[Remove, ...] = (
        partial(_remove_days, first_day.astimezone(UTC).date()),
        partial(_remove_targets, first_day.timestamp()),
        partial(_remove_reports, cutoff),
        partial(_remove_entries, cutoff, now.timestamp()),
        partial(_remove_claims, cutoff),
    )
    removed = 0
    for step in steps:
        while not is_over() and (count := await transact(step)):
            removed += count
    return removed


async def _remove_days(first: date, connection: AsyncConnection) -> int:
    key = target_days.c.target, target_days.c.day
    return await _remove(connection, target_days, key, sa.select(*key).where(target_days.c.day < first))


async def _remove_targets(before: float, connection: AsyncConnection) -> int:
    """Those that are no longer wanted, and of which no day is left."""
    days = sa.exists().where(target_days.c.target == targets.c.key)
    gone = sa.select(targets.c.key).where(sa.not_(targets.c.current), targets.c.seen_at < before, sa.not_(days))
    return await _remove(connection, targets, (targets.c.key,), gone)


async def _remove_reports(before: float, connection: AsyncConnection) -> int:
    """The targets of old reports, and the reports but for those of runs that made a plan: it shows whose plan it is."""
    newer = runs.alias("newer")
    newer_ones = sa.select(sa.func.count()).where(newer.c.fleet == runs.c.fleet, newer.c.ended_at > runs.c.ended_at)
    is_last_success = sa.exists().where(targets.c.current, targets.c.succeeded_at == runs.c.ended_at)
    of_plans = runs.c.run_key.in_(sa.select(entries.c.run_key).where(entries.c.automatic))
    has_parts = sa.exists().where(report_parts.c.run_id == runs.c.id)
    old = (
        sa.select(runs.c.id)
        .where(runs.c.ended_at < before, runs.c.noted, newer_ones.scalar_subquery() >= NEWEST_REPORTS)
        .where(sa.not_(is_last_success), sa.or_(has_parts, sa.not_(of_plans)))
        .order_by(runs.c.ended_at)
        .limit(_REPORTS)
    )
    found = (await connection.scalars(old)).all()
    await connection.execute(report_parts.delete().where(report_parts.c.run_id.in_(found)))
    await connection.execute(runs.delete().where(runs.c.id.in_(found), sa.not_(of_plans)))
    return len(found)


async def _remove_entries(before: float, now: float, connection: AsyncConnection) -> int:
    """Instant backups that have ended; of each target the newest good one stays."""
    newer = entries.alias("newer")
    place = ("organization", "server_id", "application_id", "automatic")
    same = [newer.c[name] == entries.c[name] for name in place]
    same += [_asked(newer, name).is_not_distinct_from(_asked(entries, name)) for name in ("type", "database_id")]
    has_newer = sa.exists().where(*same, newer.c.outcome.in_(_SUCCESS), newer.c.updated_at > entries.c.updated_at)
    ended = sa.not_(entries.c.automatic), sa.not_(entries.c.doubtful), entries.c.outcome != Outcome.IN_DOUBT.value
    old = (
        sa.select(entries.c.key)
        .where(entries.c.updated_at < before, *ended, entries.c.owner.not_in(living(now)))
        .where(sa.or_(entries.c.outcome.not_in(_SUCCESS), has_newer))
    )
    return await _remove(connection, entries, (entries.c.key,), old)


def _asked(table: sa.FromClause, name: str) -> sa.ColumnElement[str]:
    asked: sa.ColumnElement[str] = table.c["request"][name].as_string()
    return asked


async def _remove_claims(before: float, connection: AsyncConnection) -> int:
    """Those of entries that are gone: only newer rows of the backup list are claimed from now on."""
    key = claims.c.api, claims.c.organization, claims.c.backup_id
    kept = sa.exists().where(entries.c.key == claims.c.key)
    return await _remove(connection, claims, key, sa.select(*key).where(claims.c.claimed_at < before, sa.not_(kept)))


async def _remove(
    connection: AsyncConnection, table: sa.Table, key: Sequence[sa.ColumnElement[Any]], old: sa.Select[Any]
) -> int:
    """Remove some of the rows whose keys a query finds; return how many."""
    removed = await connection.execute(table.delete().where(sa.tuple_(*key).in_(old.limit(_ROWS))))
    return removed.rowcount
