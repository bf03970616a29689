"""One budget for all processes of an account, on SQLite and on PostgreSQL alike."""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from fleet.ledger.budget.grants import ALONE_SECONDS, SharedBudget
from fleet.ledger.budget.shared_pace import SharedPace
from fleet.ledger.database.schema import budgets
from fleet.ledger.store import Ledger
from fleet.serveravatar.account import Account
from fleet.serveravatar.rate_limit.budget import Sent
from fleet.serveravatar.rate_limit.headers import RateLimitHeaders
from fleet.serveravatar.rate_limit.pace import Cause, Hold, Pace

pytestmark = pytest.mark.anyio

TOKEN = "a-secret-token"
ACCOUNT = Account("https://api.example.org", TOKEN, requests_per_minute=40, share=1.0)
NOTHING = RateLimitHeaders()


async def make_ledger(url: str) -> None:
    async with Ledger(url):
        pass


class Process:
    """A process of the account, with a clock of its own that starts anywhere."""

    def __init__(self, url: str, account: Account = ACCOUNT, began: float = 0.0) -> None:
        self.warnings: list[str] = []
        self.clock: Callable[[], float] = lambda: time.monotonic() + began
        self.budget = SharedBudget(url, account, self.clock, self.warnings.append)

    async def send(self) -> Sent | Hold:
        if sent := self.budget.take(self.clock()):
            return sent
        hold = await self.budget.ask(self.clock())
        return hold or await self.send()

    async def exchange(self, headers: RateLimitHeaders = NOTHING) -> bool:
        sent = await self.send()
        if isinstance(sent, Hold):
            return False
        self.budget.answered(sent, self.clock(), headers)
        return True


async def test_together_they_get_one_allowance(url: str) -> None:
    await make_ledger(url)
    processes = [Process(url, began=1000.0 * number) for number in range(3)]
    sent = await asyncio.gather(*(each.exchange() for each in processes for _ in range(30)))
    assert sum(sent) <= 40
    for each in processes:
        await each.budget.close()
    last = Process(url)
    assert sum(sent) + sum([await last.exchange() for _ in range(40)]) == 40
    await last.budget.close()
    assert [each.warnings for each in processes] == [[]] * 3


async def test_what_one_learns_holds_for_all(url: str) -> None:
    await make_ledger(url)
    first, second = Process(url), Process(url)
    assert await first.exchange(RateLimitHeaders(limit=210, remaining=209))
    await first.budget.close()
    assert await second.exchange()
    assert second.budget.allowance == 210
    sent = await first.send()
    assert isinstance(sent, Sent)
    first.budget.refused(sent, first.clock(), RateLimitHeaders(210, 0, 37.0))
    await first.budget.close()
    await second.budget.close()  # It gives back what it had.
    hold = await second.send()
    assert isinstance(hold, Hold)
    assert hold.cause is Cause.LIMIT
    assert hold.seconds is not None
    assert 36 < hold.seconds <= 37.1
    await second.budget.close()


async def test_what_is_not_used_is_given_back(url: str) -> None:
    await make_ledger(url)
    holder, other = Process(url), Process(url)
    assert isinstance(await holder.send(), Sent)  # One of the two that it was granted.
    await holder.budget.close()
    assert sum([await other.exchange() for _ in range(45)]) == 39
    await other.budget.close()


async def test_a_dead_process_holds_nobody_back_for_long(url: str) -> None:
    short = Account("https://api.example.org", TOKEN, requests_per_minute=4, window=0.4, share=1.0)
    await make_ledger(url)
    dead, alive = Process(url, short), Process(url, short)
    for _ in range(4):
        assert isinstance(await dead.send(), Sent)  # Never answered, never told.
    assert isinstance(await alive.send(), Hold)
    await asyncio.sleep(0.6)
    assert isinstance(await alive.send(), Sent)
    await alive.budget.close()
    await dead.budget._shared.close()


async def test_the_account_is_not_to_be_read_in_the_ledger(url: str) -> None:
    await make_ledger(url)
    process = Process(url)
    await process.exchange()
    await process.budget.close()
    async with Ledger(url) as ledger, ledger._engine.begin() as connection:
        ((account, pace),) = (await connection.execute(sa.select(budgets))).all()
    assert account == ACCOUNT.digest
    assert TOKEN not in account + pace
    assert "example" not in account + pace
    assert Account("https://api.example.org", "another").digest != account


async def test_a_locked_ledger_stops_nobody_and_is_told_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    await make_ledger(url)
    process = Process(url)
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite", isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        assert sum([await process.exchange() for _ in range(45)]) == 40
        connection.execute("ROLLBACK")
    connection.close()
    (warning,) = process.warnings
    assert "this run paces itself" in warning
    assert "locked" in warning
    process.clock = process.budget._clock = lambda: time.monotonic() + ALONE_SECONDS + 1
    assert not await process.exchange()
    await process.budget.close()
    other = Process(url)
    assert not await other.exchange()  # The others know now what it sent by itself.
    await other.budget.close()


async def test_an_unreachable_ledger_stops_nobody() -> None:
    process = Process("postgresql://fleet:password@127.0.0.1:1/ledger")
    assert sum([await process.exchange() for _ in range(45)]) == 40
    (warning,) = process.warnings
    assert "password" not in warning
    await process.budget.close()


async def test_where_there_is_no_ledger_none_is_made(tmp_path: Path) -> None:
    process = Process(f"sqlite:///{tmp_path / 'folder' / 'ledger.sqlite'}")
    assert sum([await process.exchange() for _ in range(45)]) == 40
    await process.budget.close()
    assert process.warnings == []
    assert not (tmp_path / "folder").exists()


async def test_without_a_practical_limit_the_ledger_is_asked_a_handful_of_times(url: str) -> None:
    await make_ledger(url)
    process = Process(url, Account("https://api.example.org", TOKEN, requests_per_minute=1_000_000))
    asked = 0
    change = SharedPace.change

    async def counted(shared: SharedPace, act: Callable[[Pace, float], object]) -> object:
        nonlocal asked
        asked += 1
        return await change(shared, act)

    process.budget._shared.change = counted.__get__(process.budget._shared)  # type: ignore[method-assign]
    assert all([await process.exchange() for _ in range(1000)])
    assert asked == 1
    await process.budget.close()


async def test_a_clock_that_was_set_back_holds_nobody_back(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await make_ledger(url)
    process, real = Process(url), time.time
    while await process.exchange():
        pass
    await process.budget.close()
    monkeypatch.setattr(time, "time", lambda: real() - 3600)
    shared = Process(url)
    shared.budget._shared._clock_offset = 0.0
    if url.startswith("sqlite"):
        assert await shared.exchange()
    await shared.budget.close()
