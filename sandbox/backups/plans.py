"""Keeps automatic plans and starts their backups when they are due."""

import asyncio
import json
from dataclasses import asdict, replace

from sandbox.backups.create_request import CreateRequest
from sandbox.backups.maker import BackupMaker
from sandbox.backups.schedules import due_date
from sandbox.faults.conditions import Conditions
from sandbox.world.clock import Clock
from sandbox.world.state import Row, State

_CLOCK_OFFSET = "clock_offset"


class PlanKeeper:
    """Records configurations and starts what is due by the sandbox's clock."""

    def __init__(self, state: State, clock: Clock, maker: BackupMaker, conditions: Conditions) -> None:
        self._state = state
        self._clock = clock
        self._maker = maker
        self._conditions = conditions
        self._waker = asyncio.Event()

    def accept(self, organization_id: int, server_id: int, request: CreateRequest, made_by: str = "api") -> int:
        """Record an accepted request and start what is due at once.

        An instant backup starts now. A plan starts at its given time, or now; then the dialect decides when it makes
        its first backup, if at all.

        Returns:
            The id of the configuration.
        """
        wait = self._conditions.dialect.first_backup_after if request.automatic_backup else None
        start = self._this_second() + (wait or 0.0)
        due: float | None = start if wait is not None else None
        if request.automatic_backup and request.start is not None:
            start = due = request.start
        configuration_id = self._state.insert(
            "configurations",
            organization_id=organization_id,
            server_id=server_id,
            name=request.name,
            automatic=request.automatic_backup,
            request=json.dumps(asdict(request)),
            starts_at=start,
            dues_made=0,
            next_due=due,
            made_by=made_by,
        )
        if request.automatic_backup:
            self.run_due()
        else:
            self._maker.start(configuration_id)
        return configuration_id

    def has(self, server_id: int, request: CreateRequest) -> bool:
        """Whether a server has an identical plan, start time aside."""
        plans = self._state.rows(
            "SELECT request FROM configurations WHERE automatic = 1 AND server_id = ? AND request <> '{}'", server_id
        )
        wanted = replace(request, start=None)
        return any(replace(CreateRequest(**json.loads(plan["request"])), start=None) == wanted for plan in plans)

    def change(self, plan: Row, request: CreateRequest) -> None:
        """Change a plan's request; with another schedule or start it starts over from now."""
        before = CreateRequest(**json.loads(plan["request"]))
        values: Row = {"request": json.dumps(asdict(request))}
        if (request.schedule, request.start) != (before.schedule, before.start):
            start = request.start if request.start not in (None, before.start) else self._this_second()
            # The new schedule's first backup is one interval from now, unless a start is given.
            made = 0 if request.start not in (None, before.start) else 1
            values |= {
                "starts_at": start,
                "dues_made": made,
                "next_due": due_date(start or 0.0, request.schedule or "", made),
            }
        self._state.update("configurations", plan["id"], **values)
        self.wake()

    def run_due(self) -> int:
        """Start every backup that is due by now, oldest first; return their number."""
        started = 0
        while plan := self._next(self._maker.api_now()):
            self._maker.start(plan["id"], created_at=plan["next_due"])
            self._schedule_next(plan, plan["dues_made"] + 1)
            started += 1
        self.wake()
        return started

    def skip_missed(self) -> None:
        """Skip what came due while the sandbox was not running, as cron does."""
        now = self._maker.api_now()
        while plan := self._next(now):
            made: int = plan["dues_made"]
            while self._due(plan, made) <= now:
                made += 1
            self._schedule_next(plan, made)

    async def keep(self) -> None:
        """Run what is due, forever, sleeping until the next date."""
        while True:
            self._waker.clear()
            if self.run_due():
                self.save_clock()
            self._waker.clear()
            await self._sleep_until_next()

    def wake(self) -> None:
        """Check again what is due next: the clock was advanced, or a plan was changed."""
        self._waker.set()

    def advance(self, seconds: float) -> int:
        """Advance the clock and start everything that came due; return its number."""
        self._clock.advance(seconds)
        self.save_clock()
        return self.run_due()

    def save_clock(self) -> None:
        """Save how far the clock is ahead, for a restart."""
        self._state.remember(_CLOCK_OFFSET, self._clock.offset())

    async def _sleep_until_next(self) -> None:
        row = self._state.row("SELECT min(next_due) AS due FROM configurations WHERE next_due IS NOT NULL")
        due = None if row is None else row["due"]
        seconds = None
        if due is not None and self._clock.factor > 0:
            seconds = max(0.0, due - self._maker.api_now()) / self._clock.factor
        try:
            # Not wait_for: in Python 3.11 it can swallow the cancellation that ends the sandbox.
            async with asyncio.timeout(seconds):
                await self._waker.wait()
        except TimeoutError:
            return

    def _this_second(self) -> float:
        """The API's time in whole seconds: due dates counted from it are exact."""
        return float(int(self._maker.api_now()))

    def _next(self, now: float) -> Row | None:
        return self._state.row("SELECT * FROM configurations WHERE next_due <= ? ORDER BY next_due, id LIMIT 1", now)

    def _schedule_next(self, plan: Row, made: int) -> None:
        self._state.update("configurations", plan["id"], dues_made=made, next_due=self._due(plan, made))

    def _due(self, plan: Row, number: int) -> float:
        return due_date(plan["starts_at"], json.loads(plan["request"])["schedule"], number)


def saved_clock_offset(state: State) -> float:
    """How far the clock was ahead when last saved, in seconds."""
    offset: float | None = state.recall(_CLOCK_OFFSET)
    return offset or 0.0
