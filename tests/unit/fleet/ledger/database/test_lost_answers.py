"""Every transaction of the ledger, with each answer of the server lost in its turn: also the one to its commit."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fleet.dialect.dialect import Dialect, Names
from fleet.ledger.database.metadata import metadata
from fleet.ledger.database.schema import entries
from fleet.ledger.database.transaction import opened
from fleet.ledger.forgetting import forget_plans
from fleet.ledger.history import Asked, read_history
from fleet.ledger.learned.audit_memory import LedgerMemory
from fleet.ledger.learned.backup_claims import LedgerClaims
from fleet.ledger.learned.dialects import save_dialect
from fleet.ledger.store import Ledger
from fleet.report.outcome import Outcome
from tests.unit.fleet.ledger.database.proxy import between
from tests.unit.fleet.ledger.learned.test_audit_memory import SEEN
from tests.unit.fleet.ledger.ledgers import FULL, SHOP, claimed, entry, key
from tests.unit.fleet.reports import report

pytestmark = pytest.mark.anyio
API = "https://api.example.org"


async def run(url: str) -> None:
    async with Ledger(url) as ledger:
        assert (await claimed(ledger, entry(9)))[0].ours
        await asyncio.gather(*(ledger.save(replace(FULL, key=key(9), attempts=number)) for number in (1, 2)))
        await ledger.save(replace(FULL, key=key(9), attempts=3))
        assert await LedgerClaims(ledger, API).claim(5, {8: key(1), 9: key(2)}) == {8: key(1), 9: key(2)}
        await ledger.record_run("fleet.yaml", report())


async def learn(url: str) -> None:
    await save_dialect(url, API, 5, Dialect(names=Names.HIDDEN))
    await LedgerMemory(url, API, pytest.fail).remember(5, None, SEEN)


async def forget(url: str) -> None:
    assert await forget_plans(url, [key(1), key(2)]) == {key(1): SHOP}


async def look(url: str) -> None:
    assert [row.key for row in await read_history(url, Asked())] == [key(1)]


EVERY: tuple[Callable[[str], Awaitable[None]], ...] = (run, learn, forget, look)
VOLATILE = {"owner", "created_at", "updated_at", "ended_at", "claimed_at", "run_id", "id"}
"""Columns that differ from run to run."""


async def content(connection: AsyncConnection) -> dict[str, list[dict[str, Any]]]:
    """All rows but those of leases, which end by themselves where their end could not be recorded."""
    return {
        name: [
            {column: value for column, value in row._mapping.items() if column not in VOLATILE}
            for row in await connection.execute(sa.select(table).order_by(*table.primary_key))
        ]
        for name, table in metadata.tables.items()
        if name != "owner"
    }


async def one_plan(connection: AsyncConnection, plan: sa.RowMapping) -> None:
    """Leave one plan in the ledger, and nothing else."""
    for table in metadata.tables.values():
        if table.name != "schema_version":
            await connection.execute(table.delete())
    await connection.execute(entries.insert().values(**plan))


@pytest.mark.parametrize("work", EVERY)
async def test_whatever_answer_is_lost_nothing_is_lost_or_done_twice(
    postgresql_url: str, work: Callable[[str], Awaitable[None]]
) -> None:
    async with Ledger(postgresql_url) as ledger:
        await ledger.claim([(entry(1, automatic=True, outcome=Outcome.CREATED), SHOP)])
    async with opened(postgresql_url) as engine, engine.connect() as connection, between(postgresql_url) as through:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        (plan,) = (await connection.execute(sa.select(entries))).mappings()
        proxy, url = through
        expected: object = None
        for lost in count():  # At first none.
            await one_plan(connection, plan)
            proxy.answers, proxy.lose = 0, lost
            await work(url)
            expected = expected or await content(connection)
            assert await content(connection) == expected, f"the answer {lost} was lost"
            if lost > proxy.answers:
                break
        assert lost > 10
