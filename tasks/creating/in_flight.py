"""Much work, of which only so much is under way at once: what waits costs nothing."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Callable, Coroutine, Iterable
from functools import partial
from typing import Any

Leave = Callable[[], None]
"""Gives the place back before the end: for work that is going to wait for something else. Twice does no harm."""
Work = Callable[[Leave], Coroutine[Any, Any, None]]


async def do_all(
    work: Iterable[Work] | AsyncIterable[Work], at_once: int, at_first: int | None = None
) -> list[BaseException]:
    """Begin each piece of work when there is a place for it, in order, and see every one that was begun to its end.

    That holds also when the run is cancelled: whoever returned before would close the ledger that is to record the
    last answers.

    Args:
        work: what to do; the pieces are asked for one by one, and each may be waited for.
        at_once: how many places there are.
        at_first: how many there are at first, where the first answers may say that the others are in vain.

    Returns:
        What the pieces raised.

    Raises:
        asyncio.CancelledError: the run was cancelled, and what was begun has ended.
    """
    places = _Places(at_first or at_once, at_once)
    under_way: set[asyncio.Task[None]] = set()
    raised: list[BaseException] = []
    try:
        async for piece in _each(work):
            leave = await places.take()
            task = asyncio.create_task(piece(leave))
            under_way.add(task)
            task.add_done_callback(partial(_ended, leave, under_way, raised))
        while under_way:
            await asyncio.wait(under_way)
    except BaseException:
        for task in under_way:
            # A process that ends cancels all its tasks itself; a second time would cut the last answers off.
            if not task.cancelling():
                task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        raise
    return raised


async def _each(work: Iterable[Work] | AsyncIterable[Work]) -> AsyncIterator[Work]:
    if isinstance(work, AsyncIterable):
        async for piece in work:
            yield piece
    else:
        for piece in work:
            yield piece


class _Places:
    """Places for work: few at first, and one more for each that is given back, until there are all."""

    def __init__(self, at_first: int, at_once: int) -> None:
        self._free = asyncio.Semaphore(at_first)
        self._more = at_once - at_first

    async def take(self) -> Leave:
        """Wait for a place; what is returned gives it back, once."""
        await self._free.acquire()
        held = True

        def leave() -> None:
            nonlocal held
            if held:
                held = False
                self._give_back()

        return leave

    def _give_back(self) -> None:
        self._free.release()
        if self._more > 0:
            self._more -= 1
            self._free.release()


def _ended(
    leave: Leave, under_way: set[asyncio.Task[None]], raised: list[BaseException], task: asyncio.Task[None]
) -> None:
    leave()
    under_way.discard(task)
    error = asyncio.CancelledError() if task.cancelled() else task.exception()
    if error is not None:
        raised.append(error)
