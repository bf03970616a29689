"""The gate: the most urgent first, then in the order of asking, and nobody is forgotten."""

import asyncio

import pytest

from fleet.serveravatar.rate_limit.budget import OwnBudget, Sent
from fleet.serveravatar.rate_limit.gate import Gate
from fleet.serveravatar.rate_limit.headers import RateLimitHeaders
from fleet.serveravatar.rate_limit.pace import Cause, Hold, Pace

pytestmark = pytest.mark.anyio


class Passing:
    """Requests that pass a gate, each noted by name when it does."""

    def __init__(self, limit: int, places: int = 10, took: float = 0.1) -> None:
        self.clock = asyncio.get_running_loop().time
        self.budget = OwnBudget(Pace(limit, 60.0, 1.0))
        self.holds: list[Hold] = []
        self.gate = Gate(self.budget, places, self.holds.append, self.clock)
        self.names: list[str] = []
        self._took = took

    async def go(self, name: str, priority: int) -> Sent:
        async with self.gate.passed(priority) as sent:
            self.names.append(name)
            await asyncio.sleep(self._took)
            self.budget.answered(sent, self.clock(), RateLimitHeaders())
            return sent


async def test_creates_go_before_proofs_and_those_before_what_is_only_observed() -> None:
    passing = Passing(limit=1)
    await passing.go("first", 2)
    wanted = [("observe", 2), ("prove", 1), ("create", 0), ("create again", 0), ("prove again", 1)]
    await asyncio.gather(*(passing.go(name, priority) for name, priority in wanted))
    assert passing.names == ["first", "create", "create again", "prove", "prove again", "observe"]
    await passing.gate.end()


async def test_a_place_that_becomes_free_goes_to_the_most_urgent() -> None:
    passing = Passing(limit=100, places=1)
    wanted = [("under way", 2), ("observe", 2), ("create", 0)]
    await asyncio.gather(*(passing.go(name, priority) for name, priority in wanted))
    assert passing.names == ["under way", "create", "observe"]
    await passing.gate.end()


async def test_a_wait_is_told_once_and_a_429_is_not_talked_over() -> None:
    passing = Passing(limit=2)
    await passing.go("first", 0)
    async with passing.gate.passed(0) as sent:
        passing.budget.refused(sent, passing.clock(), RateLimitHeaders(retry_after=37.0))
    await asyncio.gather(*(passing.go(str(number), 0) for number in range(1)))
    assert [hold.cause for hold in passing.holds] == [Cause.LIMIT]
    await passing.gate.end()


async def test_a_budget_that_fails_is_heard_of_by_all_who_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    passing = Passing(limit=1)
    await passing.go("first", 0)

    async def broken(_now: float) -> Hold | None:
        raise RuntimeError("no budget")

    monkeypatch.setattr(passing.budget, "ask", broken)
    failed = await asyncio.gather(*(passing.go("x", 0) for _ in range(3)), return_exceptions=True)
    assert [str(error) for error in failed] == ["no budget"] * 3
    await passing.gate.end()


async def test_those_who_gave_up_hold_nobody_back() -> None:
    passing = Passing(limit=1)
    await passing.go("first", 0)
    waiting = [asyncio.create_task(passing.go(str(number), 0)) for number in range(3)]
    await asyncio.sleep(1)
    waiting[0].cancel()
    await asyncio.gather(*waiting[1:])
    assert passing.names == ["first", "1", "2"]
    await passing.gate.end()
