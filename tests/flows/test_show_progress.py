"""The progress bar of a run in the Prefect UI: it ends with the run, and its failure is none of the run's."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId, ArtifactFilterKey
from prefect.client.schemas.objects import Artifact, State

from flows.fleet_backup import fleet_backup
from tasks.telling import show_progress
from tests.flows.conftest import Api

pytestmark = pytest.mark.anyio
StartApi = Callable[..., Api]


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(show_progress, "SHORTEST_PAUSE", 0.01)


async def bars_of(state: State[Any]) -> list[Artifact]:
    run = UUID(str(state.state_details.flow_run_id))
    wanted = ArtifactFilter(
        flow_run_id=ArtifactFilterFlowRunId(any_=[run]), key=ArtifactFilterKey(any_=[show_progress.KEY])
    )
    async with get_client() as client:
        return await client.read_artifacts(artifact_filter=wanted)


async def test_one_bar_shows_how_far_a_run_is_and_is_full_at_its_end(api: StartApi) -> None:
    state = await fleet_backup(api().fleet, return_state=True)
    assert isinstance(state, State)
    (bar,) = await bars_of(state)
    assert (bar.type, bar.data, bar.description) == ("progress", 100.0, "over; the report says how it ended")


async def test_a_bar_that_cannot_be_shown_changes_no_verdict(api: StartApi, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(*_: object) -> UUID:
        raise RuntimeError("no artifacts today")

    monkeypatch.setattr(show_progress, "acreate_progress_artifact", refuse)
    state = await fleet_backup(api().fleet, return_state=True)
    assert isinstance(state, State)
    assert state.message == "6 verified"
    assert await bars_of(state) == []
