"""Asks Prefect which runs of this deployment are due, and whether one of them takes this run's place."""

from datetime import UTC, datetime
from typing import Final

from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterDeploymentId,
    FlowRunFilterExpectedStartTime,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.context import FlowRunContext
from prefect.states import Completed

from fleet.schedules.missed_runs import ScheduledRun, Stage, superseded

SKIPPED: Final = "Skipped"
"""The name of the state (a kind of Completed) in which a run ends that another replaces."""
_STAGES: Final = {
    StateType.COMPLETED: Stage.ENDED,
    StateType.FAILED: Stage.ENDED,
    StateType.CANCELLED: Stage.LOST,
    StateType.CANCELLING: Stage.LOST,
    StateType.CRASHED: Stage.LOST,
    StateType.RUNNING: Stage.RUNNING,
}


async def skip_if_missed() -> State[None] | None:
    """End a scheduled run whose place another one takes; see `fleet.schedules.missed_runs`.

    A manual run is always made, and so is one that a person or Prefect retries.

    Returns:
        The final state; None if the run has to be made.
    """
    context = FlowRunContext.get()
    this = context.flow_run if context else None
    if this is None or this.deployment_id is None or not this.auto_scheduled or this.run_count > 1:
        return None
    async with get_client() as client:
        reason = await replaced_by(this, client)
    return Completed(name=SKIPPED, message=reason) if reason else None


async def replaced_by(run: FlowRun, client: PrefectClient) -> str | None:
    """Why a newer run of the same schedule takes the place of a run; None if none does.

    Args:
        run: a run of a deployment that a schedule made.
        client: of the Prefect server.
    """
    now = datetime.now(UTC)
    due = FlowRunFilterExpectedStartTime(after_=run.expected_start_time, before_=now)
    of_deployment = FlowRunFilterDeploymentId(any_=[run.deployment_id] if run.deployment_id else [])
    wanted = FlowRunFilter(deployment_id=of_deployment, expected_start_time=due)
    found = await client.read_flow_runs(flow_run_filter=wanted, sort=FlowRunSort.EXPECTED_START_TIME_DESC)
    others = [_scheduled(each) for each in found if each.auto_scheduled]
    return superseded(_scheduled(run), others, now)


def _scheduled(run: FlowRun) -> ScheduledRun:
    if run.expected_start_time is None:
        raise RuntimeError(f"the flow run {run.id} of a schedule has no time")
    stage = _STAGES.get(run.state_type, Stage.WAITING) if run.state_type else Stage.WAITING
    return ScheduledRun(str(run.id), run.expected_start_time, stage, run.parameters)
