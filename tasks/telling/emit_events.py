"""Sends the events of a run to the Prefect server: through Prefect's own queue, so nothing waits for them."""

from typing import Final

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterId,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.events import emit_event

from fleet.fleets.fleets import tag_of
from fleet.monitoring.digest import News
from fleet.monitoring.events import (
    TOGETHER,
    Ending,
    FleetEvent,
    of_api_changes,
    of_bad_runs,
    of_bad_targets,
    of_fleet,
    of_targets,
)
from tasks.telling.announced_run import AnnouncedRun, ending_of, is_announced

_LOOKED_BACK: Final = 100
"""Runs of the flow, of all fleet files or of one listed fleet, among which consecutive bad ones are sought."""
_ENDED: Final = [StateType.COMPLETED, StateType.FAILED, StateType.CRASHED]
"""A cancelled run is neither good nor bad: one that was due while another ran was left out rightly."""


async def emit_ending(run: AnnouncedRun, news: News) -> None:
    """Emit the events of the fleet, those of its failed targets, and that of several consecutive bad runs."""
    emit(of_fleet(run.fleet, run.ending, run.verdict, run.report, news.text), run)
    for event in [
        *of_targets(run.fleet, news),
        *of_api_changes(run.fleet, run.report.api_changes if run.report else []),
    ]:
        emit(event, run)
    for event in of_bad_targets(run.fleet, run.report) if run.report else []:
        emit(event, run)
    if run.ending is not Ending.COMPLETED:
        repeated = of_bad_runs(run.fleet, [run.ending, *await _earlier_endings(run)], run.verdict)
        if repeated:
            emit(repeated, run)


def emit(event: FleetEvent, run: AnnouncedRun) -> None:
    """Emit one event of a run."""
    resource = event.resource | ({TOGETHER: "yes"} if run.is_one_of_several else {})
    emit_event(event.name, resource=resource, related=run.related, payload=event.payload)


async def _earlier_endings(run: AnnouncedRun) -> list[Ending]:
    """How the earlier runs of this fleet ended, the newest first; also those that crashed, which wrote no report."""
    ended = FlowRunFilterState(type=FlowRunFilterStateType(any_=_ENDED))
    of_fleet = FlowRunFilterTags(all_=[tag_of(run.listed_as)]) if run.listed_as else None
    async with get_client() as client:
        flow_runs = await client.read_flow_runs(
            flow_filter=FlowFilter(id=FlowFilterId(any_=[run.flow_run.flow_id])),
            flow_run_filter=FlowRunFilter(state=ended, tags=of_fleet),
            sort=FlowRunSort.END_TIME_DESC,
            limit=_LOOKED_BACK,
        )
    return [
        ending_of(other.state)
        for other in flow_runs
        if other.state and other.id != run.flow_run.id and AnnouncedRun(run.flow, other, other.state).fleet == run.fleet
        if is_announced(other, other.state)
    ]
