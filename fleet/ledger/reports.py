"""The reports of runs, stored in parts, so that the text of a large one is never in memory as a whole.

Source: docs/decisions/0011-speed-of-the-engine.md.
"""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from fleet.ledger.database.schema import report_parts, runs
from fleet.ledger.database.transaction import opened, transacted
from fleet.report.report import Report, ReportedTarget

_AT_ONCE: Final = 500
"""Targets of one part."""
_TARGETS: Final = TypeAdapter(list[ReportedTarget])
_NEWEST_FIRST: Final = sa.select(runs).order_by(runs.c.ended_at.desc(), runs.c.id.desc())


async def write_report(connection: AsyncConnection, fleet: str, ended_at: float, report: Report) -> None:
    """Store the report of a finished run, unless it is stored.

    Args:
        connection: in a transaction.
        fleet: the name of the fleet, or of its fleet file.
        ended_at: epoch seconds of the ledger's clock.
        report: of the run.
    """
    stored = sa.select(runs.c.id).where(runs.c.run_key == report.run_key, runs.c.ended_at == ended_at)
    if await connection.scalar(stored) is not None:
        return  # The answer to an earlier attempt to commit it was lost.
    head = report.model_dump(mode="json", exclude={"targets"})
    run = {"run_key": report.run_key, "fleet": fleet, "ended_at": ended_at, "report": head}
    run_id = await connection.scalar(runs.insert().values(**run).returning(runs.c.id))
    for start in range(0, len(report.targets), _AT_ONCE):
        targets = _TARGETS.dump_python(report.targets[start : start + _AT_ONCE], mode="json")
        await connection.execute(report_parts.insert().values(run_id=run_id, start=start, targets=targets))


async def last_report(url: str, fleet: str) -> Report | None:
    """Read the report of the last finished run of a fleet, by its name or its file's; None if there is none.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    async with opened(url) as engine:
        return await _nth(engine, _NEWEST_FIRST.where(runs.c.fleet == fleet), 0)


async def report_since(url: str, run_key: str, since: datetime) -> Report | None:
    """Read the newest report of a run key that was recorded after a time; None if there is none.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    of_key = _NEWEST_FIRST.where(runs.c.run_key == run_key, runs.c.ended_at >= since.timestamp())
    async with opened(url) as engine:
        return await _nth(engine, of_key, 0)


async def reports_of(url: str, fleet: str, most: int, besides: str | None = None) -> AsyncGenerator[Report, None]:
    """Read the reports of a fleet's runs, the newest first, each in a short transaction of its own.

    One at a time, since the newest usually answer the question.

    Args:
        url: of the ledger.
        fleet: the name of the fleet, or of its fleet file.
        most: most reports to read.
        besides: the key of a run whose reports are left out.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    of_fleet = _NEWEST_FIRST.where(runs.c.fleet == fleet)
    if besides is not None:
        of_fleet = of_fleet.where(runs.c.run_key != besides)
    async with opened(url) as engine:
        for position in range(most):
            report = await _nth(engine, of_fleet, position)
            if report is None:
                return
            yield report


async def _nth(engine: AsyncEngine, query: sa.Select[Any], position: int) -> Report | None:
    async def work(connection: AsyncConnection) -> Report | None:
        row = (await connection.execute(query.limit(1).offset(position))).one_or_none()
        return await whole_report(connection, row) if row else None

    return await transacted(engine, work)


async def whole_report(connection: AsyncConnection, run: sa.Row[Any]) -> Report:
    """Reassemble a report; older ledgers stored it in one piece."""
    targets = _TARGETS.validate_python(run.report.get("targets", ()))
    parts = sa.select(report_parts.c.targets).where(report_parts.c.run_id == run.id).order_by(report_parts.c.start)
    async for part in await connection.stream_scalars(parts.execution_options(yield_per=1)):
        targets += _TARGETS.validate_python(part)
    return Report.model_validate({**run.report, "targets": targets})
