"""Much work, of which only so much is under way at once: what waits costs nothing."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from functools import partial
from typing import Any

Leave = Callable[[], None]
"""Gives the place back before the end: for work that is going to wait for something else. Twice does no harm."""
Work = Callable[[Leave], Coroutine[Any, Any, None]]


async def do_all(work: Iterable[Work], at_once: int) -> list[BaseException]:
    """Begin each piece of work when there is a place for it, in order, and see every one that was begun to its end.

    That holds also when the run is cancelled: whoever returned before would close the ledger that is to record the
    last answers.

    Args:
        work: what to do; the pieces are asked for one by one.
        at_once: how many places there are.

    Returns:
        What the pieces raised.

    Raises:
        asyncio.CancelledError: the run was cancelled, and what was begun has ended.
    """
    places = asyncio.Semaphore(at_once)
    under_way: set[asyncio.Task[None]] = set()
    raised: list[BaseException] = []
    try:
        for piece in work:
            await places.acquire()
            leave = _once(places.release)
            task = asyncio.create_task(piece(leave))
            under_way.add(task)
            task.add_done_callback(partial(_ended, leave, under_way, raised))
        while under_way:
            await asyncio.wait(under_way)
    except asyncio.CancelledError:
        for task in under_way:
            if (
                not task.cancelling()
            ):  # A process that ends cancels all its tasks; twice would cut the last answers off.
                task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        raise
    return raised


def _once(release: Callable[[], None]) -> Leave:
    held = True

    def leave() -> None:
        nonlocal held
        if held:
            held = False
            release()

    return leave


def _ended(
    leave: Leave, under_way: set[asyncio.Task[None]], raised: list[BaseException], task: asyncio.Task[None]
) -> None:
    leave()
    under_way.discard(task)
    error = asyncio.CancelledError() if task.cancelled() else task.exception()
    if error is not None:
        raised.append(error)
