"""What the calls of one sandbox share."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request

from sandbox.answers.downloads import Downloads
from sandbox.answers.lookup import Lookup
from sandbox.answers.rate_limit import FixedWindow
from sandbox.answers.request_log import RequestLog
from sandbox.answers.rows import RowWriter
from sandbox.backups.maker import BackupMaker
from sandbox.backups.plans import PlanKeeper, saved_clock_offset
from sandbox.backups.restoring import Restorer
from sandbox.dialects.dialect import Dialect, Speaking
from sandbox.faults.book import FaultBook
from sandbox.faults.conditions import Conditions
from sandbox.settings import SandboxSettings
from sandbox.world.clock import Clock
from sandbox.world.state import State


@dataclass(frozen=True)
class Context:
    """The parts of a running sandbox.

    Attributes:
        limiters: the rate limit of each account, by its token.
        rows: writes rows in the current dialect.
        truth: writes them as documented, whatever the dialect: for the sandbox's own addresses.
    """

    settings: SandboxSettings
    conditions: Conditions
    state: State
    clock: Clock
    limiters: Mapping[str, FixedWindow]
    maker: BackupMaker
    plans: PlanKeeper
    restorer: Restorer
    downloads: Downloads
    lookup: Lookup
    rows: RowWriter
    truth: RowWriter
    requests: RequestLog

    @property
    def folder(self) -> Path:
        """The folder of everything."""
        return self.settings.folder

    @property
    def dialect(self) -> Dialect:
        """The current dialect."""
        return self.conditions.dialect

    @property
    def faults(self) -> FaultBook:
        """The fault rules, and how often each has fired."""
        return self.conditions.faults

    async def settle(self) -> None:
        """Wait until nothing runs in the background."""
        await self.maker.settle()
        await self.restorer.settle()


def open_context(settings: SandboxSettings) -> Context:
    """Open a folder that has a world and assemble the parts."""
    state = State(settings.folder)
    clock = Clock(settings.clock_factor, saved_clock_offset(state))
    speaking = Speaking(settings.dialect)
    conditions = Conditions(speaking, FaultBook(settings.faults, settings.seed))
    maker = BackupMaker(
        folder=settings.folder,
        state=state,
        clock=clock,
        conditions=conditions,
        seconds=settings.backup_seconds,
        threads=settings.packing_threads,
    )
    return Context(
        settings=settings,
        conditions=conditions,
        state=state,
        clock=clock,
        limiters={
            token: FixedWindow(settings.requests_per_minute, settings.window_seconds)
            for token in (settings.token, *settings.other_tokens)
        },
        maker=maker,
        plans=PlanKeeper(state, clock, maker, conditions),
        restorer=Restorer(settings.folder, state, settings.restore_seconds),
        downloads=Downloads(time.monotonic),
        lookup=Lookup(state),
        rows=RowWriter(speaking),
        truth=RowWriter(Speaking(Dialect())),
        requests=RequestLog(),
    )


def context_of(request: Request) -> Context:
    """The sandbox that received a request."""
    context: Context = request.app.state.context
    return context
