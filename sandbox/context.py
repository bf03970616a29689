"""What the calls of one sandbox share."""

import time
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request

from sandbox.backups import BackupMaker
from sandbox.clock import Clock
from sandbox.downloads import Downloads
from sandbox.faults import FaultBook
from sandbox.lookup import Lookup
from sandbox.plans import PlanKeeper, saved_clock_offset
from sandbox.rate_limit import FixedWindow
from sandbox.request_log import RequestLog
from sandbox.restoring import Restorer
from sandbox.rows import RowWriter
from sandbox.settings import SandboxSettings
from sandbox.state import State


@dataclass(frozen=True)
class Context:
    """The parts of a running sandbox."""

    settings: SandboxSettings
    state: State
    clock: Clock
    faults: FaultBook
    limiter: FixedWindow
    maker: BackupMaker
    plans: PlanKeeper
    restorer: Restorer
    downloads: Downloads
    lookup: Lookup
    rows: RowWriter
    requests: RequestLog

    @property
    def folder(self) -> Path:
        """Where everything lies."""
        return self.settings.folder

    async def settle(self) -> None:
        """Wait until nothing is under way in the background."""
        await self.maker.settle()
        await self.restorer.settle()


def open_context(settings: SandboxSettings) -> Context:
    """Open a folder that has a world, and put the parts together."""
    state = State(settings.folder)
    clock = Clock(settings.clock_factor, saved_clock_offset(state))
    faults = FaultBook(settings.faults, settings.seed)
    maker = BackupMaker(
        folder=settings.folder,
        state=state,
        clock=clock,
        faults=faults,
        seconds=settings.backup_seconds,
        threads=settings.packing_threads,
    )
    return Context(
        settings=settings,
        state=state,
        clock=clock,
        faults=faults,
        limiter=FixedWindow(settings.requests_per_minute, settings.window_seconds),
        maker=maker,
        plans=PlanKeeper(state, clock, maker),
        restorer=Restorer(settings.folder, state, settings.restore_seconds),
        downloads=Downloads(time.monotonic),
        lookup=Lookup(state),
        rows=RowWriter(settings.dialect),
        requests=RequestLog(),
    )


def context_of(request: Request) -> Context:
    """The sandbox that a request came to."""
    context: Context = request.app.state.context
    return context
