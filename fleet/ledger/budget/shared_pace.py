"""The pace of an account, shared by all its processes: one row of the ledger's database, one short transaction each.

Times in the row are of the ledger's clock (PostgreSQL's own; this machine's with SQLite).
"""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Final, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from fleet.ledger.database.engine import UNUSABLE, LedgerError, create_engine, explained, is_missing
from fleet.ledger.database.schema import budgets
from fleet.ledger.database.shielded import shielded
from fleet.ledger.database.upsert import insert_missing
from fleet.serveravatar.account import Account
from fleet.serveravatar.rate_limit.pace import Pace

PATIENCE: Final = 1.0
"""Most seconds to wait for the database: a request can be sent without it."""
_TICK: Final = 1.0
"""Seconds by which a row may be ahead of the clock; beyond that, the clock was set back."""
Answer = TypeVar("Answer")


class NoLedgerError(Exception):
    """There is no ledger, or one without budgets; a dry run creates none."""


class SharedPace:
    """Reads the pace of an account, changes it and writes it back, in one transaction."""

    def __init__(self, url: str, account: Account) -> None:
        self._url = url
        self._account = account
        self._engine: AsyncEngine | None = None
        self._clock_offset = 0.0

    @shielded
    async def change(self, act: Callable[[Pace, float], Answer]) -> Answer:
        """Act on the pace as it is now.

        Args:
            act: takes the pace and the ledger's time; its changes are stored.

        Raises:
            NoLedgerError: there is none.
            LedgerError: it cannot be reached, or is locked for too long.
        """
        if self._engine is None and is_missing(self._url):
            raise NoLedgerError  # A dry run must not create it.
        engine = self._engine or create_engine(self._url, fleeting=PATIENCE)
        opened, self._engine = self._engine is not None, engine
        try:
            async with asyncio.timeout(3 * PATIENCE), engine.begin() as connection:
                if not opened:
                    await self._prepare(connection)
                return await self._change(connection, act)
        except UNUSABLE as error:
            await self.close()
            raise LedgerError(explained(engine.url, error)) from None
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Close the database; the next change opens it again."""
        if self._engine:
            engine, self._engine = self._engine, None
            await engine.dispose()

    async def _prepare(self, connection: AsyncConnection) -> None:
        if not await connection.run_sync(lambda sync: sa.inspect(sync).has_table(budgets.name)):
            raise NoLedgerError
        if connection.dialect.name == "postgresql":
            theirs = await connection.scalar(sa.text("SELECT extract(epoch FROM clock_timestamp())"))
            self._clock_offset = float(theirs) - time.time()
        await insert_missing(connection, budgets, [{"account": self._account.digest, "pace": ""}])

    async def _change(self, connection: AsyncConnection, act: Callable[[Pace, float], Answer]) -> Answer:
        mine = budgets.c.account == self._account.digest
        kept = await connection.scalar(sa.select(budgets.c.pace).where(mine).with_for_update())
        now = time.time() + self._clock_offset
        pace = Pace(self._account.requests_per_minute, self._account.window, self._account.share)
        state = json.loads(kept) if kept else None
        if (
            state and state["at"] <= now + _TICK
        ):  # Otherwise the clock was set back, and nothing would leave the window.
            pace.restore(state, now)
        answer = act(pace, now)
        await connection.execute(budgets.update().where(mine).values(pace=json.dumps(pace.state(now))))
        return answer
