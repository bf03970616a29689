"""Admits the creates of a run where fleets are treated gently: under the caps, and when their windows open.

A place under a cap is held until the backup is seen complete (or has ended badly, or is given up), by a sweep over the
list that goes on beside the creates. What waits costs nothing: neither a task nor a request.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Final, Self

from prefect import get_run_logger

from fleet.backup_list.look_times import LookTimes
from fleet.creation.turns import Turns
from fleet.inventory.caps import Caps
from fleet.inventory.target import Target
from fleet.inventory.window import Window
from fleet.report.outcome import Exit, Halt, Outcome
from fleet.serveravatar.errors import ApiError, ApiUnusableError
from tasks.run_context import RunContext
from tasks.sweep import Sweep
from tasks.verify import FIRST_OF_A_PLAN

_MAY_RUN: Final = frozenset({Outcome.CREATED, Outcome.ADOPTED, Outcome.UNVERIFIED, Outcome.IN_DOUBT})


@dataclass(frozen=True, slots=True)
class _Running:
    """A backup that holds a place: since when, and how long it may stay unseen, or unfinished."""

    target: Target
    began: float
    unseen_for: float
    overdue_after: float


@dataclass(slots=True)
class _Watched:
    """What runs in one organization, and the sweep that looks at it."""

    running: dict[str, _Running] = field(default_factory=dict)
    times: LookTimes = field(default_factory=LookTimes)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    sweeping: asyncio.Task[None] | None = None


class Admission:
    """An async context manager; what it began ends with it."""

    def __init__(self, context: RunContext, caps: Caps, overdue_after: float) -> None:
        """Prepare.

        Args:
            context: of the run.
            caps: how many may run at once.
            overdue_after: seconds after which one that is not complete gives its place back all the same.
        """
        self._context = context
        self._caps = caps
        self._overdue_after = overdue_after
        self._turns = Turns(caps)
        self._admitted: deque[Target] = deque()
        self._soon: dict[str, tuple[datetime, Target]] = {}
        self._waiters: dict[str, asyncio.Future[None]] = {}
        self._closings: dict[Window, datetime] = {}
        self._covered: dict[str, int] = {}
        self._watched: defaultdict[int, _Watched] = defaultdict(_Watched)
        self._changed = asyncio.Event()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        sweeping = [watched.sweeping for watched in self._watched.values() if watched.sweeping]
        for task in sweeping:
            task.cancel()
        await asyncio.gather(*sweeping, return_exceptions=True)

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
        """A target's create has ended: if its backup may run now, it holds its place until a sweep sees it end."""
        if self._context.halt:
            self._admit()
            self._changed.set()
        result = self._context.results.get(target.place)
        if target.place not in self._turns:
            return
        if result is None or result.outcome not in _MAY_RUN or self._context.halt:
            self._free(target)
            return
        sought = self._context.sought(target)
        covered = self._covered.pop(target.place, None)
        sweep = self._context.sweep_over(target.organization, [sought], covered)
        sweep.watch.reads_on = True
        is_sure = result.outcome is not Outcome.IN_DOUBT and not target.request.automatic_backup
        unseen_for = self._overdue_after if is_sure else min(FIRST_OF_A_PLAN, self._overdue_after)
        watched = self._watched[target.organization]
        watched.running[sought.key] = _Running(target, _now(), unseen_for, self._overdue_after)
        watched.changed.set()
        if watched.sweeping is None or watched.sweeping.done():
            watched.sweeping = asyncio.create_task(self._sweep(sweep, watched))
            watched.sweeping.add_done_callback(self._swept)

    def _arrive(self, target: Target) -> None:
        """Let a target wait for what it needs, if it needs anything."""
        entry = self._context.entry(target)
        if entry.is_settled:
            if self._caps.are_set and entry.outcome in _MAY_RUN and not entry.automatic:
                self._turns.begin(target)  # An earlier run has started it, and nobody saw it complete.
            self._release(target)
        elif not target.request.starts_now or self._context.halt:
            self._release(target)
        elif target.window and self._context.outside_window(target):
            now = self._context.clock()
            if target.window.may_start(now):
                self._soon[target.place] = target.window.opens_after(now), target
            else:
                self._release(target)
        elif self._caps.are_set:
            if target.window:
                self._closings.setdefault(target.window, target.window.closes_after(self._context.clock()))
            self._turns.ask(target)
        else:
            self._release(target)

    def _admit(self) -> None:
        """Admit all that may begin now; and what waits in vain, which then ends without being sent."""
        context = self._context
        now = context.clock()
        for target in [target for opens, target in self._soon.values() if opens <= now or context.halt]:
            del self._soon[target.place]
            self._arrive(target)
        closed = [window for window, closes in self._closings.items() if closes <= now]
        if closed or context.halt:
            for target in self._turns.leave_out(lambda each: bool(context.halt or each.window in closed)):
                self._release(target)
        for window in closed:
            del self._closings[window]
        while (admitted := self._turns.next()) is not None:
            if sweep := context.sweeps.get(admitted.organization):
                self._covered[admitted.place] = sweep.watch.covered
            self._release(admitted)

    def _release(self, target: Target) -> None:
        waiter = self._waiters.pop(target.place, None)
        if waiter is None:
            self._admitted.append(target)
        elif not waiter.done():
            waiter.set_result(None)

    def _free(self, target: Target) -> None:
        self._turns.end(target)
        self._admit()
        self._changed.set()

    async def _until_something_changes(self) -> None:
        """Wait until a place is free, or the next window opens."""
        opens = min((opens for opens, _ in self._soon.values()), default=None)
        seconds = None if opens is None else self._seconds_until(opens)
        if seconds and not self._turns.waiting:
            self._context.listener.waiting(f"{len(self._soon)} windows that open soon", seconds)
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return

    def _seconds_until(self, opens: datetime) -> float:
        return max(0.0, (opens - self._context.clock()).total_seconds())

    async def _sweep(self, sweep: Sweep, watched: _Watched) -> None:
        """Look at what runs, when it may have ended, until nothing runs any more."""
        last = _now()
        while watched.running and not self._context.halt:
            since_last = _now() - last
            ages = [_now() - each.began for each in watched.running.values()]
            page_seconds = sweep.pages * self._context.client.seconds_a_request
            seconds = watched.times.next(ages, since_last, page_seconds)
            if await _happens(watched.changed, seconds):
                continue  # One more runs: the look may come sooner.
            await self._look(sweep, watched, last)
            last = _now()
            if self._turns.waiting:
                words = f"{self._turns.running} backups to be complete before {self._turns.waiting} others begin"
                self._context.listener.waiting(words, watched.times.expected or seconds)

    async def _look(self, sweep: Sweep, watched: _Watched, last: float) -> None:
        """Look once, and give back the places of what has ended, or is given up."""
        try:
            await sweep.look()
        except ApiUnusableError as error:
            self._context.stop(Halt(Exit.API_UNUSABLE, error.reason))
        except ApiError as error:
            self._context.listener.waiting(f"the list of backups could not be read: {error}", 0)
        now = _now()
        for key, each in list(watched.running.items()):
            age = now - each.began
            if key in sweep.ended_at:
                watched.times.ended(age, now - last)
            elif age >= each.overdue_after or (age >= each.unseen_for and sweep.watch.is_unseen(key)):
                sweep.give_up(key)
            else:
                continue
            del watched.running[key]
            self._turns.end(each.target)
        self._admit()
        self._changed.set()

    def _swept(self, sweeping: asyncio.Task[None]) -> None:
        """A sweep that fails must not leave those waiting that it would have let begin."""
        if sweeping.cancelled():
            return
        if error := sweeping.exception():
            get_run_logger().error("the sweep over the list of backups failed", exc_info=error)
            self._context.stop(Halt(Exit.UNEXPECTED, f"the sweep over the list of backups failed: {error!r}"))
        self._admit()
        self._changed.set()


def _now() -> float:
    """Seconds of the event loop's clock."""
    return asyncio.get_running_loop().time()


async def _happens(event: asyncio.Event, seconds: float) -> bool:
    """Whether something happens within so many seconds."""
    event.clear()
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
