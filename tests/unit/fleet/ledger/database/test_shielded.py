"""Transactions that are never cut in the middle: a run that was cancelled leaves a ledger that the next one can use."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

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


async def test_a_caller_that_is_cancelled_twice_still_waits_for_what_was_begun() -> None:
    steps: list[str] = []
    begun, may_end = asyncio.Event(), asyncio.Event()

    @shielded
    async def transaction() -> None:
        begun.set()
        await may_end.wait()
        steps.append("committed")

    caller = asyncio.create_task(transaction())
    await begun.wait()
    for _ in range(2):
        caller.cancel()
        await asyncio.sleep(0)
    assert not caller.done()
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert steps == ["committed"]


ENTRIES = [entry(number) for number in range(20)]


async def a_run(url: str, at_its_end: Callable[[], object] = lambda: None) -> None:
    async with Ledger(url) as ledger:
        await ledger.claim([(each, SHOP) for each in ENTRIES])
        await asyncio.gather(*(ledger.save(replace(each, attempts=1)) for each in ENTRIES))
        at_its_end()


async def assert_the_next_run_is_free_to_go_on(url: str) -> None:
    """Nothing is locked, though it does not wait for locks, and no entry belongs to the run before."""
    async with Ledger(url) as ledger:
        claims = await ledger.claim([(each, SHOP) for each in ENTRIES])
    assert all(claim.ours for claim in claims.values())


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0)
    return f"sqlite:///{tmp_path / 'ledger.sqlite'}"


@pytest.mark.parametrize(
    ("exists", "answers"),
    [*((True, each) for each in range(0, 85, 3)), *((False, each) for each in range(20, 240, 40))],
)
async def test_a_run_that_is_cancelled_at_any_moment_leaves_no_lock_behind(
    url: str, monkeypatch: pytest.MonkeyPatch, exists: bool, answers: int
) -> None:
    """Moments are counted in answers of the database's thread, so they are the same on a busy machine."""
    if exists:
        async with Ledger(url):
            pass
    loop = asyncio.get_running_loop()
    running = asyncio.create_task(a_run(url))
    left, deliver = answers, loop.call_soon_threadsafe

    def counted(*args: Any, **kwargs: Any) -> asyncio.Handle:
        nonlocal left
        left -= 1
        handle = deliver(*args, **kwargs)
        if left == 0:
            deliver(running.cancel)
        return handle

    monkeypatch.setattr(loop, "call_soon_threadsafe", counted)
    if answers == 0:
        running.cancel()
    (ended,) = await asyncio.gather(running, return_exceptions=True)
    assert ended is None or isinstance(ended, asyncio.CancelledError)
    assert (ended is None) == (left > 0)
    await assert_the_next_run_is_free_to_go_on(url)


async def test_a_run_that_is_cancelled_while_it_closes_its_ledger_leaves_nothing_behind(url: str) -> None:
    running = asyncio.create_task(a_run(url, lambda: asyncio.get_running_loop().call_soon(running.cancel)))
    with pytest.raises(asyncio.CancelledError):
        await running
    await assert_the_next_run_is_free_to_go_on(url)
