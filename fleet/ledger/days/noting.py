"""Notes how targets stood when a run or an audit ended: in their rows, and in the rows of the day.

Several runs and audits may fall on one day. Of runs, the best outcome stands: a retry that succeeds makes up for the
failure before it, and a later failure does not hide a backup that exists. Of audits, the last one stands: each sees
everything. A day is one in UTC; a run belongs to the day on which it began.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fleet.ledger.database.day_tables import target_days, targets
from fleet.ledger.database.engine import by_statement
from fleet.ledger.database.schema import runs
from fleet.ledger.database.transaction import Work
from fleet.ledger.database.upsert import merge
from fleet.ledger.days.merging import day_after_audit, day_after_run, target_after_audit, target_after_run
from fleet.ledger.days.seen import SeenTarget
from fleet.report.report import Report
from fleet.report.selection import Scope

Transact = Callable[[Work[Any]], Awaitable[Any]]
"""Does some work in a transaction of a ledger, for example `Ledger.transact`."""
_KINDS: Final[dict[Scope, frozenset[bool]]] = {
    "all": frozenset({True, False}),
    "instant": frozenset({False}),
    "plans": frozenset({True}),
}
"""Whether a run covers all plans, and all instant backups, by its scope."""


@dataclass(frozen=True, slots=True)
class NotedRun:
    """A finished run.

    Attributes:
        report: of the run.
        ended_at: its end in epoch seconds, as the ledger has it.
        seen: its targets, each once.
        is_latest: whether they are still wanted; otherwise only their past is noted.
    """

    report: Report
    ended_at: float
    seen: Sequence[SeenTarget]
    is_latest: bool = True


async def note_run(transact: Transact, run: NotedRun) -> None:
    """Note the targets of a run whose report is in the ledger, then that they are noted.

    Raises:
        LedgerError: the ledger cannot be written.
    """
    day, report = run.report.started_at.astimezone(UTC).date(), run.report
    for some in _in_order(run.seen):
        await transact(partial(_note_outcomes, [_of_run(each, run) for each in some], day))
    kinds = _KINDS.get(report.selection.scope, frozenset())
    if run.is_latest and kinds and not report.selection.unread_words:
        for fleet in {each.fleet for each in run.seen}:
            wanted = targets.c.type != "", targets.c.automatic.in_(kinds)
            await transact(partial(_retire, fleet, report.started_at.timestamp(), wanted))
    await transact(partial(_finish, report.run_key, run.ended_at))


async def note_audit(transact: Transact, at: datetime, seen: Sequence[SeenTarget], *, whole: bool) -> None:
    """Note what an audit has found.

    Args:
        transact: of the ledger.
        at: when it began.
        seen: its targets and what nothing wants, each once.
        whole: whether it covered its whole fleet, so that what it did not find is no longer wanted, or gone.

    Raises:
        LedgerError: the ledger cannot be written.
    """
    day = at.astimezone(UTC).date()
    for some in _in_order(seen):
        await transact(partial(_note_statuses, [_of_audit(each, at) for each in some], day))
    if whole:
        for fleet in {each.fleet for each in seen}:
            await transact(partial(_retire, fleet, at.timestamp(), ()))


def _in_order(seen: Sequence[SeenTarget]) -> list[Sequence[SeenTarget]]:
    """Always in the same order, so that two runs cannot deadlock; a short transaction for each batch."""
    return list(by_statement(sorted(seen, key=lambda each: each.key)))


def _of_run(seen: SeenTarget, run: NotedRun) -> dict[str, Any]:
    return {
        **seen.identity,
        **seen.good,
        "current": run.is_latest,
        "seen_at": run.ended_at,
        "outcome": seen.standing,
        "outcome_at": run.ended_at,
        "outcome_reason": seen.kept_reason,
        "succeeded_at": run.ended_at if seen.succeeded else None,
    }


def _of_audit(seen: SeenTarget, at: datetime) -> dict[str, Any]:
    return {
        **seen.identity,
        **seen.good,
        "current": True,
        "seen_at": at.timestamp(),
        "status": seen.standing,
        "status_at": at.timestamp(),
        "status_reason": seen.kept_reason,
    }


async def _note_outcomes(rows: Sequence[dict[str, Any]], day: date, connection: AsyncConnection) -> None:
    days = [_day(row, day, ("outcome", "outcome_at", "outcome_reason", "good_at")) for row in rows]
    await merge(connection, targets, rows, target_after_run)
    await merge(connection, target_days, days, day_after_run)


async def _note_statuses(rows: Sequence[dict[str, Any]], day: date, connection: AsyncConnection) -> None:
    days = [_day(row, day, ("status", "status_at", "status_reason", "good_at", "good_mb")) for row in rows]
    await merge(connection, targets, rows, target_after_audit)
    await merge(connection, target_days, days, day_after_audit)


def _day(row: dict[str, Any], day: date, names: Sequence[str]) -> dict[str, Any]:
    return {"target": row["key"], "day": day, **{name: row[name] for name in names}}


async def _retire(
    fleet: str, before: float, which: Sequence[sa.ColumnElement[bool]], connection: AsyncConnection
) -> None:
    """Take a fleet's targets that were not seen since `before` for no longer wanted."""
    unseen = targets.c.fleet == fleet, targets.c.current, targets.c.seen_at < before
    await connection.execute(targets.update().where(*unseen, *which).values(current=False))


async def _finish(run_key: str, ended_at: float, connection: AsyncConnection) -> None:
    done = runs.c.run_key == run_key, runs.c.ended_at == ended_at
    await connection.execute(runs.update().where(*done).values(noted=True))
