"""Short transactions of a ledger: it is migrated first, and failures are explained.

A run keeps its ledger open (`fleet.ledger.store`); everything else uses this module.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from fleet.ledger.database.engine import UNUSABLE, LedgerError, create_engine, explained
from fleet.ledger.database.schema import migrate


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
        await engine.dispose()


@asynccontextmanager
async def begun(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A transaction, committed at the end, of a ledger in its newest version.

    Raises:
        LedgerError: the ledger cannot be used.
    """
    try:
        async with engine.begin() as connection:
            await connection.run_sync(migrate)
            yield connection
    except UNUSABLE as error:
        raise LedgerError(explained(engine.url, error)) from None


@asynccontextmanager
async def transaction(url: str) -> AsyncIterator[AsyncConnection]:
    """A single transaction; the ledger is opened and closed around it.

    Raises:
        LedgerError: the ledger cannot be used.
    """
    async with opened(url) as engine, begun(engine) as connection:
        yield connection
