"""Notes the days of runs whose report is in the ledger, but not yet the days of its targets.

These are the runs of older versions, those that were interrupted, and those whose ledger was away at their end. The
newest first and a few after each run: the report of a large fleet takes a second, and a migration has to be quick.
"""

from functools import partial
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fleet.ledger.database.day_tables import targets
from fleet.ledger.database.schema import runs
from fleet.ledger.days.from_report import seen_in
from fleet.ledger.days.noting import NotedRun, Transact, note_run
from fleet.ledger.days.seen import fleet_name
from fleet.ledger.reports import whole_report

AT_ONCE: Final = 35
"""Reports noted after one run, of any size: a strip of the status page, and some."""
ENOUGH: Final = 100_000
"""Targets after which the rest waits for the next run."""
YOUNG_SECONDS: Final = 600.0
"""A run that has ended since then is left alone: it may be noting its targets itself, and knows more of them."""


async def note_earlier(transact: Transact, now: float) -> int:
    """Note the newest runs that are not noted yet.

    Args:
        transact: of the ledger.
        now: the time, in epoch seconds.

    Returns:
        How many were.

    Raises:
        LedgerError: the ledger cannot be used.
    """
    noted = count = 0
    while noted < AT_ONCE and count < ENOUGH:
        run: NotedRun | None = await transact(partial(_newest, now - YOUNG_SECONDS))
        if run is None:
            break
        await note_run(transact, run)
        noted, count = noted + 1, count + len(run.seen)
    return noted


async def _newest(before: float, connection: AsyncConnection) -> NotedRun | None:
    query = sa.select(runs).where(sa.not_(runs.c.noted), runs.c.ended_at < before)
    newest_first = query.order_by(runs.c.ended_at.desc(), runs.c.id.desc())
    row = (await connection.execute(newest_first.limit(1))).one_or_none()
    if row is None:
        return None
    report, fleet = await whole_report(connection, row), fleet_name(row.fleet)
    later = sa.select(targets.c.key).where(targets.c.fleet == fleet, targets.c.seen_at >= row.ended_at).limit(1)
    is_latest = await connection.scalar(later) is None
    return NotedRun(report, row.ended_at, seen_in(report, fleet), is_latest)
