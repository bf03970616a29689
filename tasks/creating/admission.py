"""Admits the creates of a run where fleets are treated gently: under the caps, and when their windows open.

A place under a cap is held until the backup is seen complete (or has failed, or is given up), by a watch over the list
that runs beside the creates. What waits costs nothing: neither a task nor a request.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import datetime
from types import TracebackType
from typing import Final, Self

from fleet.creation.turns import Turns
from fleet.inventory.caps import Caps
from fleet.inventory.target import Target
from fleet.inventory.window import Window
from fleet.report.outcome import Outcome
from fleet.report.progress import listener
from tasks.creating.running_backups import RunningBackups
from tasks.run.entries import Entries
from tasks.run.results import Results

_MAY_RUN: Final = frozenset({Outcome.CREATED, Outcome.ADOPTED, Outcome.UNVERIFIED, Outcome.IN_DOUBT})


class Admission:
    """An async context manager: it stops watching what runs when the creates have ended."""

    def __init__(
        self, entries: Entries, results: Results, running: RunningBackups, caps: Caps, clock: Callable[[], datetime]
    ) -> None:
        """Prepare.

        Args:
            entries: what the ledger knows.
            results: how the targets stand.
            running: the backups that hold a place.
            caps: how many may run at once.
            clock: the time, for windows.
        """
        self._entries = entries
        self._results = results
        self._running = running
        self._caps = caps
        self._clock = clock
        self._turns = Turns(caps)
        self._admitted: deque[Target] = deque()
        self._soon: dict[str, tuple[datetime, Target]] = {}
        self._waiters: dict[str, asyncio.Future[None]] = {}
        self._closings: dict[Window, datetime] = {}
        self._covered: dict[str, int] = {}
        self._changed = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._running.looked = self._looked
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._running.close()

    async def admitted(self, targets: Iterable[Target]) -> AsyncIterator[Target]:
        """Yield each target when its create may begin, or when nothing is to be created for it."""
        for target in targets:
            self._arrive(target)
        while True:
            self._changed.clear()
            self._admit()
            while self._admitted:
                yield self._admitted.popleft()
            if not self._turns.waiting and not self._soon and not self._changed.is_set():
                return
            await self._until_something_changes()

    async def turn(self, target: Target) -> None:
        """Wait for the turn of one that came later, when another run of the key had left it behind."""
        waiter = self._waiters[target.place] = asyncio.get_running_loop().create_future()
        self._arrive(target)
        self._admit()
        self._changed.set()
        if target.place in self._soon:
            await asyncio.wait([waiter], timeout=self._seconds_until(self._soon[target.place][0]))
            self._admit()
        await waiter

    def settled(self, target: Target) -> None:
        """A target's create has ended: if its backup may run now, it holds its place until it is seen to end."""
        if self._results.halt:
            self._admit()
            self._changed.set()
        if target.place not in self._turns:
            return
        outcome = self._results.of(target).outcome
        if outcome not in _MAY_RUN or self._results.halt:
            self._turns.end(target)
            self._admit()
            self._changed.set()
            return
        is_sure = outcome is not Outcome.IN_DOUBT and not target.request.automatic_backup
        covered = self._covered.pop(target.place, None)
        self._running.hold(target, self._entries.sought(target), covered=covered, is_sure=is_sure)

    def _arrive(self, target: Target) -> None:
        """Let a target wait for what it needs, if it needs anything."""
        entry, now = self._entries.of(target), self._clock()
        if entry.is_settled:
            if self._caps.are_set and entry.outcome in _MAY_RUN and not entry.automatic:
                self._turns.begin(target)  # An earlier run has started it, and nobody saw it complete.
            self._release(target)
        elif not target.request.starts_now or self._results.halt:
            self._release(target)
        elif target.window and target.outside_window(now):
            if target.window.may_start(now):
                self._soon[target.place] = target.window.opens_after(now), target
            else:
                self._release(target)
        elif self._caps.are_set:
            if target.window:
                self._closings.setdefault(target.window, target.window.closes_after(now))
            self._turns.ask(target)
        else:
            self._release(target)

    def _admit(self) -> None:
        """Admit all that may begin now; and what waits in vain, which then ends without being sent."""
        now, halt = self._clock(), self._results.halt
        for target in [target for opens, target in self._soon.values() if opens <= now or halt]:
            del self._soon[target.place]
            self._arrive(target)
        closed = [window for window, closes in self._closings.items() if closes <= now]
        if closed or halt:
            for target in self._turns.leave_out(lambda each: bool(halt or each.window in closed)):
                self._release(target)
        for window in closed:
            del self._closings[window]
        while (admitted := self._turns.next()) is not None:
            if (covered := self._running.covered(admitted.organization)) is not None:
                self._covered[admitted.place] = covered
            self._release(admitted)

    def _release(self, target: Target) -> None:
        waiter = self._waiters.pop(target.place, None)
        if waiter is None:
            self._admitted.append(target)
        elif not waiter.done():
            waiter.set_result(None)

    def _looked(self, ended: Sequence[Target], seconds: float) -> None:
        """Give the places of what has ended to those that wait."""
        for target in ended:
            self._turns.end(target)
        self._admit()
        self._changed.set()
        if self._turns.waiting and seconds:
            words = f"{self._turns.running} backups to be complete before {self._turns.waiting} others begin"
            listener.get().waiting(words, seconds)

    async def _until_something_changes(self) -> None:
        """Wait until a place is free, or the next window opens."""
        opens = min((opens for opens, _ in self._soon.values()), default=None)
        seconds = None if opens is None else self._seconds_until(opens)
        if seconds and not self._turns.waiting:
            listener.get().waiting(f"{len(self._soon)} windows that open soon", seconds)
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return

    def _seconds_until(self, opens: datetime) -> float:
        return max(0.0, (opens - self._clock()).total_seconds())
