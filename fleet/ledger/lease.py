"""The lease of a run: while it is renewed, no other run takes over what this one owns."""

import os
import uuid
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fleet.ledger import owner_process
from fleet.ledger.database.schema import owners
from fleet.ledger.database.upsert import upsert

LEASE_SECONDS: Final = 60.0
RENEW_SECONDS: Final = 15.0
REMEMBERED_SECONDS: Final = 30 * 24 * 3600.0
"""How long the ledger shows that a run died."""


@dataclass(frozen=True, slots=True)
class Holder:
    """The run that holds a lease, by which others find out whether it is alive (`fleet.ledger.life`).

    Attributes:
        flow_run: the id of its flow run; empty if it is none.
        run_key: its idempotency key.
    """

    flow_run: str = ""
    run_key: str = ""


NOBODY: Final = Holder()


def living(now: float) -> sa.Select[tuple[str]]:
    """Select the owners whose lease has not expired; `now` in epoch seconds of the ledger's clock."""
    return sa.select(owners.c.id).where(owners.c.lease_until > now)


class Lease:
    """The lease of one run; every call is part of a transaction of the ledger."""

    def __init__(self, holder: Holder = NOBODY) -> None:
        self.owner = str(uuid.uuid4())
        self._holder = holder
        self._space = owner_process.process_space()

    async def renew(self, connection: AsyncConnection, now: float) -> None:
        """Hold it for `LEASE_SECONDS` more, from `now` on (epoch seconds of the ledger's clock)."""
        until = now + LEASE_SECONDS
        renewed = await connection.execute(owners.update().where(owners.c.id == self.owner).values(lease_until=until))
        if renewed.rowcount == 0:
            row = {"id": self.owner, "lease_until": until, "space": self._space, "pid": os.getpid()}
            holder = {"flow_run": self._holder.flow_run, "run_key": self._holder.run_key}
            await upsert(connection, owners, [{**row, **holder}])

    async def end(self, connection: AsyncConnection) -> None:
        """Free everything that the run owns."""
        await connection.execute(owners.delete().where(owners.c.id == self.owner))

    async def free_the_dead(self, connection: AsyncConnection, now: float) -> None:
        """End at once the leases of runs that died on this machine; elsewhere they expire. Their rows stay a while."""
        await connection.execute(owners.delete().where(owners.c.lease_until < now - REMEMBERED_SECONDS))
        others = sa.select(owners).where(owners.c.id != self.owner, owners.c.lease_until > now)
        dead = [row.id for row in await connection.execute(others) if owner_process.is_gone(row.space, row.pid)]
        await connection.execute(owners.update().where(owners.c.id.in_(dead)).values(lease_until=now))
