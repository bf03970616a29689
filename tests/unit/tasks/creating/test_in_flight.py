"""What is under way at once is bounded, and what was begun is seen to its end."""

import asyncio
from functools import partial

import pytest

from tasks.creating.in_flight import Leave, do_all

pytestmark = pytest.mark.anyio


class Load:
    """Work that notes how much of it is under way."""

    def __init__(self) -> None:
        self.now = self.most = self.ended = 0

    async def work(self, _leave: Leave) -> None:
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0)
        self.now -= 1
        self.ended += 1


async def test_only_so_much_is_under_way_and_all_is_done() -> None:
    load = Load()
    assert await do_all((load.work for _ in range(500)), at_once=7) == []
    assert (load.most, load.ended) == (7, 500)


async def test_few_begin_at_first_and_each_answer_lets_one_more_in() -> None:
    most: list[int] = []
    load = Load()

    async def noted(leave: Leave) -> None:
        await load.work(leave)
        most.append(load.most)

    assert await do_all((noted for _ in range(200)), at_once=32, at_first=4) == []
    assert (most[0], max(most)) == (4, 32)


async def test_what_waits_and_has_left_its_place_holds_nobody_up() -> None:
    load, others_done = Load(), asyncio.Event()

    async def waits_for_the_others(leave: Leave) -> None:
        leave()
        leave()  # Twice frees no second place.
        await others_done.wait()

    async def last(leave: Leave) -> None:
        await load.work(leave)
        others_done.set()

    waiting = [waits_for_the_others] * 10
    async with asyncio.timeout(10):
        await do_all([*waiting, *[load.work] * 50, last], at_once=2)
    assert (load.most, load.ended) == (2, 51)


async def test_what_one_raises_stops_no_other() -> None:
    load = Load()

    async def fails(_leave: Leave) -> None:
        raise ValueError("the third")

    raised = await do_all([load.work, load.work, fails, load.work], at_once=1)
    assert ([str(error) for error in raised], load.ended) == (["the third"], 3)


@pytest.mark.parametrize("at_once_too", [True, False])
async def test_a_cancelled_run_begins_nothing_more_and_waits_for_the_last_answers(at_once_too: bool) -> None:
    """A process that ends cancels every task itself: the work must not be cancelled a second time by the run."""
    answered: list[int] = []

    async def asks(number: int, _leave: Leave) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.sleep(0.01)  # The last answer.
            answered.append(number)
            raise

    before = asyncio.all_tasks()
    run = asyncio.create_task(do_all((partial(asks, number) for number in range(9)), at_once=3))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    for task in (asyncio.all_tasks() - before) if at_once_too else {run}:
        task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert sorted(answered) == [0, 1, 2]
