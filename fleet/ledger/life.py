"""Whether a run is alive: what the ledger shows of it, whoever asks and from whichever machine."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import sqlalchemy as sa

from fleet.ledger.database.clock import ledger_time
from fleet.ledger.database.engine import LedgerError
from fleet.ledger.database.schema import entries, owners
from fleet.ledger.database.shielded import shielded
from fleet.ledger.database.transaction import transaction
from fleet.ledger.lease import RENEW_SECONDS, Holder, Lease
from fleet.ledger.owner_process import is_alive, process_space
from fleet.schedules.dead_runs import Life


@shielded
async def life_of(url: str, flow_run: str) -> Life | None:
    """What the ledger shows of a flow run that has not ended itself.

    Returns:
        None if it shows nothing: the run has ended, it died before it opened the ledger, or it used another ledger.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    newest = sa.select(owners).where(owners.c.flow_run == flow_run).order_by(owners.c.lease_until.desc()).limit(1)
    async with transaction(url) as connection:
        row = (await connection.execute(newest)).one_or_none()
        if row is None:
            return None
        of_run = sa.select(sa.literal(1)).where(entries.c.run_key == row.run_key).limit(1)
        has_claimed = await connection.scalar(of_run) is not None
        now = await ledger_time(connection)
    is_gone = row.space == process_space() and not is_alive(row.pid)
    return Life(row.run_key, is_alive=row.lease_until > now and not is_gone, has_claimed=has_claimed)


@asynccontextmanager
async def shown_alive(url: str, holder: Holder) -> AsyncIterator[None]:
    """Hold a lease for the time of the context: for a run that owns no entries, such as an audit.

    A ledger that cannot be used does not stop it.
    """
    lease = Lease(holder)
    renewing = asyncio.create_task(_renew(url, lease))
    try:
        yield
    finally:
        renewing.cancel()
        await asyncio.gather(renewing, return_exceptions=True)
        with contextlib.suppress(LedgerError):
            await _end(url, lease)


async def _renew(url: str, lease: Lease) -> None:
    while True:
        with contextlib.suppress(LedgerError):
            await _renew_once(url, lease)
        await asyncio.sleep(RENEW_SECONDS)


@shielded
async def _renew_once(url: str, lease: Lease) -> None:
    async with transaction(url) as connection:
        await lease.renew(connection, await ledger_time(connection))


@shielded
async def _end(url: str, lease: Lease) -> None:
    async with transaction(url) as connection:
        await lease.end(connection)
