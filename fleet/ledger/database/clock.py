"""The ledger's clock: the database's on PostgreSQL, so that all machines agree."""

import time

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection


async def ledger_time(connection: AsyncConnection) -> float:
    """Epoch seconds by the ledger's clock."""
    if connection.dialect.name != "postgresql":
        return time.time()
    theirs = await connection.scalar(sa.text("SELECT extract(epoch FROM clock_timestamp())"))
    return float(theirs)
