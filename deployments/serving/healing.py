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
from prefect.exceptions import ObjectNotFound

from fleet.schedules.dead_runs import Fate
from fleet.schedules.silence import Silence
from tasks.phases.continue_run import settle

PAUSE_SECONDS: Final = 5.0
_STARTED: Final = [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]


class LeftRuns:
    """Runs that had started before this `serve` began."""

    def __init__(self, deployments: Sequence[UUID], ledger_url: str, say: Callable[[str], None]) -> None:
        """Prepare; nothing is asked yet.

        Args:
            deployments: whose runs.
            ledger_url: of the ledger that shows whether they are alive.
            say: prints a line for people.
        """
        self._deployments = deployments
        self._ledger_url = ledger_url
        self._say = say
        self._open: dict[UUID, tuple[str, Silence]] | None = None
        self._said: set[str] = set()

    async def settle(self) -> bool:
        """Settle those that can be settled now, and report each; what cannot be asked now is asked again later.

        Returns:
            Whether none is left.
        """
        try:
            if self._open is None:
                self._open = {run.id: (run.name, Silence()) for run in await _started(self._deployments)}
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not keep the next runs from starting
            self._say_once(f"Runs that an earlier serve may have left are not known yet ({_words(error)}).")
            return False
        for run, (name, silence) in list(self._open.items()):
            if await self._is_settled(run, name, silence):
                del self._open[run]
        return not self._open

    async def settle_all(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Settle the others as soon as it is known what became of them."""
        while not await self.settle():
            await sleep(PAUSE_SECONDS)

    async def _is_settled(self, run: UUID, name: str, silence: Silence) -> bool:
        try:
            fate, why = await settle(run, self._ledger_url, silence)
        except ObjectNotFound:
            return True
        except Exception as error:  # noqa: BLE001 - the same
            self._say_once(f"Run {name}: not known yet what became of it ({_words(error)}).")
            return False
        if fate not in (Fate.WAIT, Fate.LEAVE):
            self._say(f"Run {name}: {why}.")
        return fate is not Fate.WAIT

    def _say_once(self, line: str) -> None:
        if line not in self._said:
            self._said.add(line)
            self._say(line)


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


async def _started(deployments: Sequence[UUID]) -> list[FlowRun]:
    started = FlowRunFilter(
        deployment_id=FlowRunFilterDeploymentId(any_=list(deployments)),
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=_STARTED)),
    )
    async with get_client() as client:
        return await client.read_flow_runs(flow_run_filter=started)
