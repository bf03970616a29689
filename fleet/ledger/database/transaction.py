"""Short transactions of a ledger: it is migrated first, waited for if it is away, and failures are explained.

A run keeps its ledger open (`fleet.ledger.store`); everything else uses this module. What a transaction does is handed
in as a function, which may be called again (`fleet.ledger.database.outage`).
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from fleet.ledger.database.engine import create_engine, is_missing
from fleet.ledger.database.outage import repeated
from fleet.ledger.database.schema import migrate
from fleet.ledger.database.shielded import shielded

Result = TypeVar("Result")
Work = Callable[[AsyncConnection], Awaitable[Result]]
"""What a transaction does; safe to repeat, even if it was committed."""


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[AsyncEngine]:
    """The engine of a ledger, for several transactions.

    Raises:
        LedgerError: its URL is invalid (`create_engine`).
    """
    engine = create_engine(url)
    try:
        yield engine
    finally:
        await shielded(engine.dispose)()


async def transacted(engine: AsyncEngine, work: Work[Result], *, commit: bool = True) -> Result:
    """Do some work in a transaction of a ledger in its newest version.

    Args:
        engine: of the ledger.
        work: what to do.
        commit: whether to keep what it does; otherwise even the version stays as it was.

    Raises:
        LedgerError: the ledger cannot be used.
    """

    async def attempt() -> Result:
        async with engine.begin() as connection:
            await connection.run_sync(migrate)
            result = await work(connection)
            if not commit:
                await connection.rollback()
            return result

    return await repeated(attempt, engine.url)


async def written(url: str, work: Work[Result]) -> Result:
    """Do some work in a single transaction; the ledger is opened and closed around it.

    Raises:
        LedgerError: the ledger cannot be used.
    """
    async with opened(url) as engine:
        return await transacted(engine, work)


async def read(url: str, work: Work[Result], missing: Result) -> Result:
    """Read the ledger as it would be in its newest version, without changing it.

    Args:
        url: of the ledger.
        work: what to read.
        missing: the result if there is no ledger.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    if is_missing(url):
        return missing
    async with opened(url) as engine:
        return await transacted(engine, work, commit=False)
