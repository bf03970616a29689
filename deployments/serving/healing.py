"""Settles the runs that an earlier `serve` left behind when it was killed or its machine lost power.

Prefect still shows them as running, and each holds the slot of its deployment: the next run would wait for it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterDeploymentId,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType

from fleet.schedules.dead_runs import Fate
from tasks.continue_run import continue_run

PAUSE_SECONDS: Final = 5.0
_STARTED: Final = [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]


class Left:
    """Runs that had started before this `serve` began."""

    def __init__(self, runs: Sequence[FlowRun], ledger_url: str, say: Callable[[str], None]) -> None:
        """Take note of them.

        Args:
            runs: as the Prefect server has them.
            ledger_url: of the ledger that shows whether they are alive.
            say: prints a line for people.
        """
        self._open = {run.id: run.name for run in runs}
        self._ledger_url = ledger_url
        self._say = say

    async def settle(self) -> bool:
        """Settle those that can be settled now, and report each.

        Returns:
            Whether none is left: those that may be alive are.
        """
        for run, name in list(self._open.items()):
            try:
                fate, why = await continue_run.fn(run, self._ledger_url)
            except Exception as error:  # noqa: BLE001 - whatever it is, it must not keep the next runs from starting
                self._say(f"Run {name}: not settled ({type(error).__name__}: {error}).")
                fate, why = Fate.LEAVE, ""
            if fate is not Fate.WAIT:
                del self._open[run]
            if fate not in (Fate.WAIT, Fate.LEAVE):
                self._say(f"Run {name}: {why}.")
        return not self._open

    async def settle_all(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Settle the others as soon as it is known what became of them."""
        while not await self.settle():
            await sleep(PAUSE_SECONDS)


async def left_behind(deployments: Sequence[UUID], ledger_url: str, say: Callable[[str], None]) -> Left:
    """Find the started runs of these deployments."""
    started = FlowRunFilter(
        deployment_id=FlowRunFilterDeploymentId(any_=list(deployments)),
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=_STARTED)),
    )
    async with get_client() as client:
        return Left(await client.read_flow_runs(flow_run_filter=started), ledger_url, say)
