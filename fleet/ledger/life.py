"""Whether a run is alive: what the ledger shows of it, whoever asks and from whichever machine."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fleet.ledger.database.clock import ledger_time
from fleet.ledger.database.engine import LedgerError
from fleet.ledger.database.schema import entries, owners
from fleet.ledger.database.transaction import read
from fleet.ledger.lease import Holder
from fleet.ledger.owner_process import is_gone
from fleet.ledger.store import Ledger
from fleet.schedules.dead_runs import Life


async def life_of(url: str, flow_run: str) -> Life | None:
    """What the ledger shows of a flow run that has not ended itself.

    Returns:
        None if it shows nothing: the run has ended, it died before it opened the ledger, or it used another ledger.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    return await read(url, partial(_life_of, flow_run), None)


async def _life_of(flow_run: str, connection: AsyncConnection) -> Life | None:
    newest = sa.select(owners).where(owners.c.flow_run == flow_run).order_by(owners.c.lease_until.desc()).limit(1)
    row = (await connection.execute(newest)).one_or_none()
    if row is None:
        return None
    of_run = sa.select(sa.literal(1)).where(entries.c.run_key == row.run_key).limit(1)
    has_claimed = await connection.scalar(of_run) is not None
    gone = is_gone(row.space, row.pid)
    holds = row.lease_until > await ledger_time(connection)
    return Life(row.run_key, is_alive=holds and not gone, is_gone=gone, has_claimed=has_claimed)


@asynccontextmanager
async def shown_alive(url: str, holder: Holder) -> AsyncIterator[None]:
    """Hold a lease for the time of the context: for a run that owns no entries, such as an audit.

    A ledger that cannot be used does not stop it.
    """
    async with AsyncExitStack() as opened:
        with suppress(LedgerError):
            await opened.enter_async_context(Ledger(url, holder))
        yield
