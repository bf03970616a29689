"""The following phase of several fleets: wait until each fleet's run has ended, wherever it runs."""

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Final
from uuid import UUID

from prefect import get_run_logger
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId, FlowRunFilterIdempotencyKey
from prefect.client.schemas.objects import FlowRun, StateType

from fleet.report.outcome import Exit
from fleet.report.several.fleets_report import FleetEnding
from fleet.schedules.together import FleetRun, Patience, Stage
from fleet.serveravatar.text import one_line
from tasks.phases.continue_run import CONTINUED_STATE, continuation_key
from tasks.phases.start_fleets import Sleep, Started
from tasks.telling.final_state import PARTIAL

PAUSE_SECONDS: Final = 10.0
_AT_ONCE: Final = 200
"""Runs of one question: the server answers with no more."""
_STAGES: Final = {StateType.RUNNING: Stage.RUNNING, StateType.CANCELLING: Stage.RUNNING}
_EXITS: Final = {"Completed": Exit.DONE, **dict.fromkeys(PARTIAL, Exit.SOME_FAILED)}
"""By the name of the final state. What ended otherwise has none of its targets for certain."""


async def follow_fleets(
    started: Started, clock: Callable[[], float] = time.monotonic, sleep: Sleep = asyncio.sleep
) -> list[FleetEnding]:
    """Wait for the runs, and say how each ended; a Prefect server that is away is waited for.

    Args:
        started: the flow run of each fleet.
        clock: seconds that only go forward.
        sleep: waits.
    """
    followed = {fleet: run for fleet, run in started.items() if isinstance(run, UUID)}
    patience, has_warned = Patience(clock()), False
    runs: list[FleetRun] = []
    while followed:
        try:
            runs = await _read(followed)
        except Exception as error:  # noqa: BLE001 - a server that is away comes back; the runs go on meanwhile
            patience.heard_nothing(clock())
            if not has_warned:
                get_run_logger().warning("the runs are not followed for now: %s: %s", type(error).__name__, error)
            has_warned = True
        else:
            has_warned = False
            if all(run.stage is Stage.ENDED for run in runs) or patience.is_over(runs, clock()):
                break
        await sleep(PAUSE_SECONDS)
    endings = {run.fleet: _ending(run) for run in runs}
    return [endings.get(fleet) or _undone(fleet, str(why)) for fleet, why in started.items()]


async def _read(followed: dict[str, UUID]) -> list[FleetRun]:
    """Read how the runs stand; of one that another continues, the other is followed from now on."""
    async with get_client() as client:
        found = {run.id: run for run in await _all(client, list(followed.values()))}
        standing = []
        for fleet, run_id in list(followed.items()):
            run = found.get(run_id)
            while run and (after := await _continuation(run, client)):
                followed[fleet], run = after.id, after
            standing.append(_standing(fleet, run))
        return standing


async def _all(client: PrefectClient, ids: list[UUID]) -> Iterable[FlowRun]:
    runs: list[FlowRun] = []
    for start in range(0, len(ids), _AT_ONCE):
        wanted = FlowRunFilter(id=FlowRunFilterId(any_=ids[start : start + _AT_ONCE]))
        runs += await client.read_flow_runs(flow_run_filter=wanted)
    return runs


async def _continuation(run: FlowRun, client: PrefectClient) -> FlowRun | None:
    """The run that continues a dead one."""
    if run.state is None or run.state.name != CONTINUED_STATE:
        return None
    of_key = FlowRunFilter(idempotency_key=FlowRunFilterIdempotencyKey(any_=[continuation_key(run.id)]))
    return next(iter(await client.read_flow_runs(flow_run_filter=of_key)), None)


def _standing(fleet: str, run: FlowRun | None) -> FleetRun:
    if run is None or run.state is None:
        return FleetRun(fleet, Stage.ENDED, "Deleted", "its flow run was deleted")
    state = run.state
    stage = Stage.ENDED if state.is_final() else _STAGES.get(state.type, Stage.WAITING)
    return FleetRun(fleet, stage, state.name or "", one_line(state.message or ""))


def _ending(run: FleetRun) -> FleetEnding:
    if run.stage is Stage.ENDED:
        code = _EXITS.get(run.state, Exit.NONE_STARTED)
        return FleetEnding(fleet=run.fleet, exit_code=code, verdict=run.message or run.state)
    if run.stage is Stage.RUNNING:
        return _undone(run.fleet, "still running, and no longer waited for; its run reports how it ends")
    why = f"not started ({run.state}): is a worker of its pool running, with a free slot? It starts once one is"
    return _undone(run.fleet, why)


def _undone(fleet: str, why: str) -> FleetEnding:
    return FleetEnding(fleet=fleet, exit_code=Exit.NONE_STARTED, verdict=why)
