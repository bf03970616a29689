"""Targets as runs and audits see them, and ledgers that note them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from fleet.ledger.database.transaction import opened, transacted
from fleet.ledger.days.noting import NotedRun, Transact, note_audit, note_run
from fleet.ledger.days.reading import Day, TargetState, day_reader
from fleet.ledger.days.seen import SeenTarget
from fleet.report.selection import Scope, Selection
from tests.unit.fleet.reports import MIDNIGHT, report


def at(hour: float) -> datetime:
    return MIDNIGHT + timedelta(hours=hour)


def seen(number: int = 1, standing: str = "verified", **changes: Any) -> SeenTarget:
    fields: dict[str, Any] = {
        "fleet": "fleet",
        "organization": 5,
        "server_id": 15,
        "server": "web-15",
        "application_id": 4000 + number,
        "application": f"site {number}",
        "type": "application",
        "standing": standing,
        "max_age": 26 * 3600.0,
        "succeeded": standing in {"created", "adopted", "verified"},
    }
    return SeenTarget(**(fields | changes))


@asynccontextmanager
async def transacting(url: str) -> AsyncIterator[Transact]:
    async with opened(url) as engine:
        yield partial(transacted, engine)


async def ran(url: str, hour: float, *targets: SeenTarget, scope: Scope = "all", is_latest: bool = True) -> None:
    """A run that began at this hour, and ended a minute later."""
    told = report(hour=hour + 1 / 60, selection=Selection(scope=scope))
    async with transacting(url) as transact:
        await note_run(transact, NotedRun(told, told.ended_at.timestamp(), targets, is_latest))


async def audited(url: str, hour: float, *targets: SeenTarget, whole: bool = True) -> None:
    async with transacting(url) as transact:
        await note_audit(transact, at(hour), targets, whole=whole)


async def states(url: str, fleet: str | None = None) -> list[TargetState]:
    async with day_reader(url) as reader:
        return sorted(await reader.targets(fleet), key=lambda state: (state.fleet, state.application_id or 0))


async def days(url: str, target: SeenTarget | None = None) -> list[Day]:
    async with day_reader(url) as reader:
        found = await reader.days([(target or seen()).key], datetime(2000, 1, 1, tzinfo=UTC).date())
        return found.get((target or seen()).key, [])
