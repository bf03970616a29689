"""Transactions that are never cut in the middle: a run that was cancelled leaves a ledger that the next one can use."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from fleet.ledger.database import engine
from fleet.ledger.database.shielded import shielded
from fleet.ledger.store import Ledger
from tests.unit.fleet.ledger.ledgers import SHOP, entry

pytestmark = pytest.mark.anyio


async def test_what_was_begun_ends_although_its_caller_is_cancelled() -> None:
    steps: list[str] = []
    begun = asyncio.Event()

    @shielded
    async def transaction() -> None:
        begun.set()
        await asyncio.sleep(0.01)
        steps.append("committed")

    caller = asyncio.create_task(transaction())
    await begun.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert steps == ["committed"]


async def test_what_fails_says_so_to_its_caller() -> None:
    @shielded
    async def transaction() -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await transaction()


@pytest.mark.parametrize("turns", range(0, 60, 3))
async def test_a_run_that_is_cancelled_at_any_moment_leaves_no_lock_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, turns: int
) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0)
    url = f"sqlite:///{tmp_path / 'ledger.sqlite'}"

    async def run() -> None:
        async with Ledger(url) as ledger:
            await ledger.claim([(entry(number), SHOP) for number in range(20)])
            await asyncio.gather(*(ledger.save(replace(entry(number), attempts=1)) for number in range(20)))

    running = asyncio.create_task(run())
    for _ in range(turns):
        await asyncio.sleep(0.001)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    async with Ledger(url):
        pass
