"""The client's gate: requests wait here for a place and for the budget; the most urgent goes first."""

import asyncio
import heapq
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from itertools import count

from fleet.serveravatar.rate_limit.budget import Budget, Sent
from fleet.serveravatar.rate_limit.pace import Hold

Held = Callable[[Hold], None]
"""Called with what holds all requests back, once per wait."""
_SAME_END = 1.0
"""Seconds by which the end of a wait may move before it is reported again."""


class Gate:
    """Lets requests pass by priority, then in order of arrival; one task asks the budget for all of them."""

    def __init__(self, budget: Budget, places: int, held: Held, clock: Callable[[], float]) -> None:
        """Open the gate.

        Args:
            budget: decides when a request may be sent.
            places: maximum number of requests in flight.
            held: called for each wait for the budget whose end is known.
            clock: seconds of a monotonic clock.
        """
        self._budget = budget
        self._places = places
        self._held = held
        self._clock = clock
        self._order = count()
        self._waiting: list[tuple[int, int, asyncio.Future[Sent]]] = []
        self._progress = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        self._closed: Callable[[], Exception] | None = None
        self._reported: tuple[str, float] = ("", 0.0)

    @asynccontextmanager
    async def passed(self, priority: int) -> AsyncIterator[Sent]:
        """Wait for a place and for the budget, and keep the place; the lowest priority number goes first.

        Raises:
            Exception: the one that the gate was closed with.
        """
        sent = await self._pass(priority)
        try:
            yield sent
        finally:
            self._places += 1
            self._progress.set()

    def close(self, why: Callable[[], Exception]) -> None:
        """Let no more requests pass: all that wait, and all that come later, get this error."""
        self._closed = self._closed or why
        for _, _, waiting in self._waiting:
            if not waiting.done():
                waiting.set_exception(why())
        self._waiting.clear()
        self._progress.set()

    async def end(self) -> None:
        """End the task that asks the budget."""
        if self._keeper:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)

    async def _pass(self, priority: int) -> Sent:
        if self._closed:
            raise self._closed()
        if not self._waiting and self._places and (sent := self._budget.take(self._clock())):
            self._places -= 1
            return sent
        waiting: asyncio.Future[Sent] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (priority, next(self._order), waiting))
        if self._keeper is None or self._keeper.done():
            self._keeper = asyncio.create_task(self._keep())
        try:
            return await waiting
        except asyncio.CancelledError:
            if waiting.done() and not waiting.cancelled() and not waiting.exception():
                self._places += 1  # It passed and was cancelled at the same moment.
                self._progress.set()
                self._budget.unsend(waiting.result())
            raise

    async def _keep(self) -> None:
        """Let requests pass until none waits; a failure is raised in all that wait."""
        try:
            while self._drop_cancelled():
                await self._let_one_pass()
        except Exception as error:  # noqa: BLE001 - otherwise all would wait forever
            failure = error
            self.close(lambda: failure)

    async def _let_one_pass(self) -> None:
        """Let the most urgent request pass, or wait until one may be able to."""
        self._progress.clear()
        seconds = None
        if self._places:
            if sent := self._budget.take(self._clock()):
                self._places -= 1
                heapq.heappop(self._waiting)[2].set_result(sent)
                return
            hold = await self._budget.ask(self._clock())
            if hold is None:
                return
            self._report(hold)
            seconds = self._budget.ask_again if hold.seconds is None else hold.seconds
        with suppress(TimeoutError):
            await asyncio.wait_for(self._progress.wait(), seconds)

    def _drop_cancelled(self) -> bool:
        """Drop cancelled requests; return whether any request waits."""
        while self._waiting and self._waiting[0][2].done():
            heapq.heappop(self._waiting)
        return bool(self._waiting)

    def _report(self, hold: Hold) -> None:
        if hold.seconds is None:
            return
        until = self._clock() + hold.seconds
        cause, reported_until = self._reported
        if cause != hold.cause or until > reported_until + _SAME_END:
            self._reported = hold.cause, until
            self._held(hold)
