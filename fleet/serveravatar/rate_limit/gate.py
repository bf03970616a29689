"""The gate of the client: requests wait here for a place and for the budget; the most urgent goes first."""

import asyncio
import heapq
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from itertools import count

from fleet.serveravatar.rate_limit.budget import Budget, Sent
from fleet.serveravatar.rate_limit.pace import Hold

Held = Callable[[Hold], None]
"""Told what holds all requests back, once for each wait."""
_SAME_END = 1.0
"""Seconds by which the end of a wait may move before it is told again."""


class Gate:
    """Lets requests pass by priority, then in the order of asking; one asks the budget for all, so no herd forms."""

    def __init__(self, budget: Budget, places: int, held: Held, clock: Callable[[], float]) -> None:
        """Open the gate.

        Args:
            budget: says when a request may be sent.
            places: how many requests are under way at most.
            held: told of every wait for the budget that has a known end.
            clock: seconds that only grow.
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
        self._told: tuple[str, float] = ("", 0.0)

    @asynccontextmanager
    async def passed(self, priority: int) -> AsyncIterator[Sent]:
        """Wait for a place and for the budget, and hold the place; the lowest priority number goes first.

        Raises:
            Exception: what the gate was closed with.
        """
        sent = await self._pass(priority)
        try:
            yield sent
        finally:
            self._places += 1
            self._progress.set()

    def close(self, why: Callable[[], Exception]) -> None:
        """Let nobody pass any more: all who wait, and all who come, get this error."""
        self._closed = self._closed or why
        for _, _, waiting in self._waiting:
            if not waiting.done():
                waiting.set_exception(why())
        self._waiting.clear()
        self._progress.set()

    async def end(self) -> None:
        """End what runs beside the requests."""
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
                self._places += 1  # It was let pass and cancelled at the same moment.
                self._progress.set()
                self._budget.unsend(waiting.result())
            raise

    async def _keep(self) -> None:
        """Let those who wait pass, until nobody waits; if that fails, whoever waits hears of it."""
        try:
            while self._drop_the_gone():
                await self._let_one_pass()
        except Exception as error:  # noqa: BLE001 - else everybody would wait for ever
            failure = error
            self.close(lambda: failure)

    async def _let_one_pass(self) -> None:
        """Let the most urgent pass, or wait until that may be possible."""
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
            self._tell(hold)
            seconds = self._budget.ask_again if hold.seconds is None else hold.seconds
        with suppress(TimeoutError):
            await asyncio.wait_for(self._progress.wait(), seconds)

    def _drop_the_gone(self) -> bool:
        """Forget those who were cancelled; whether anybody waits."""
        while self._waiting and self._waiting[0][2].done():
            heapq.heappop(self._waiting)
        return bool(self._waiting)

    def _tell(self, hold: Hold) -> None:
        if hold.seconds is None:
            return
        until = self._clock() + hold.seconds
        cause, told_until = self._told
        if cause != hold.cause or until > told_until + _SAME_END:
            self._told = hold.cause, until
            self._held(hold)
