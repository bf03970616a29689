"""Twenty runs of three fleets, every ending among them, on one dashboard: what is bad looks bad, and has a name.

`make pictures` runs it with a folder for the picture of the docs, on a Prefect server that has seen nothing else.
"""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.settings import get_current_settings

from fleet.creation.fault_points import FaultPoint
from flows.fleet_audit import fleet_audit
from flows.fleet_backup import fleet_backup
from tasks.creating import sender
from tests.e2e.browser import opened_page
from tests.flows.conftest import Api
from tests.flows.rewriting import STARTS_LATER, rewrite
from tests.flows.started import Started

pytestmark = pytest.mark.anyio
StartApi = Callable[..., Api]
PARTLY = {"kind": "fail", "call": "backup", "every": 2}
BAD = {StateType.FAILED, StateType.CRASHED}
"""Red and orange in the UI, and together in the first column of its dashboard."""
LOST = {"kind": "answer", "call": "create", "status": 500, "moment": "after", "every": 1}


class Dashboard:
    """Runs, with what a person should see of each: the state's name, and whether it is bad."""

    def __init__(self) -> None:
        self.expected: list[tuple[str, str, bool]] = []
        self.ids: list[UUID] = []

    async def backup(self, fleet: str, api: Api, ending: str, *, bad: bool, **parameters: Any) -> None:
        state: Any = await fleet_backup(api.fleet, fleet=fleet, return_state=True, **parameters)
        self.saw(fleet, state.state_details.flow_run_id, ending, bad=bad)

    async def audit(self, fleet: str, api: Api, ending: str, *, bad: bool) -> None:
        state: Any = await fleet_audit(api.fleet, fleet=fleet, return_state=True)
        self.saw(fleet, state.state_details.flow_run_id, ending, bad=bad)

    async def interrupted(self, fleet: str, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
        reached, known = asyncio.Event(), {run.id for run in await all_runs()}
        with monkeypatch.context() as watched:
            watched.setattr(sender, "reach", lambda at: reached.set() if at is FaultPoint.AFTER_ANSWER else None)
            running = asyncio.ensure_future(fleet_backup(api.fleet, fleet=fleet, concurrency=1, return_state=True))
            await asyncio.wait_for(reached.wait(), 60)
            running.cancel()
            await asyncio.wait({running}, timeout=60)
        (run,) = [run for run in await all_runs() if run.id not in known]
        self.saw(fleet, run.id, "Crashed", bad=True)

    async def refused_by_a_person(self, fleet: str, api: Api) -> None:
        run = await Started.of(api, fleet=fleet)
        await run.executed()
        await run.resumed(yes=False)
        self.saw(fleet, run.id, "NotApproved", bad=False)

    def saw(self, fleet: str, run: UUID, ending: str, *, bad: bool) -> None:
        self.ids.append(run)
        self.expected.append((fleet, ending, bad))


async def all_runs() -> list[FlowRun]:
    async with get_client() as client:
        return await client.read_flow_runs()


async def artifacts_of(run: UUID) -> list[tuple[str, str]]:
    """The key and caption of each artifact of a run; a bar of progress has neither."""
    async with get_client() as client:
        of_run = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run]))
        found = await client.read_artifacts(artifact_filter=of_run)
    return [(each.key or "", each.description or "") for each in found if each.type != "progress"]


def photograph(url: str, picture: Path) -> None:
    with opened_page(height=950) as page:
        page.goto(f"{url}/dashboard")
        page.get_by_text("fleet_backup", exact=True).wait_for()
        page.locator(".p-accordion-trigger, .accordion-trigger, [aria-expanded]").last.click()
        page.wait_for_timeout(3000)  # What moves has come to rest.
        page.screenshot(path=picture)


async def test_what_is_bad_looks_bad_and_each_artifact_names_its_fleet(
    api: StartApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = Dashboard()

    healthy = api(servers=2, applications=2)
    for _ in range(3):
        await seen.backup("acme", healthy, "Completed", bad=False)
    await seen.backup("acme", healthy, "Completed", bad=False, dry_run=True)
    await seen.audit("acme", healthy, "Completed", bad=False)
    await seen.interrupted("acme", healthy, monkeypatch)
    await seen.backup("acme", healthy, "Completed", bad=False, failed_from="last")
    await seen.refused_by_a_person("acme", healthy)
    monkeypatch.setenv("SERVERAVATAR_API_TOKEN", "a-token-that-was-revoked")
    await seen.backup("acme", healthy, "Failed", bad=True)

    partly = api(PARTLY, servers=2, applications=2)
    for _ in range(3):
        await seen.backup("globex", partly, "Incomplete", bad=True)
    await seen.backup("globex", partly, "Incomplete", bad=True, failed_from="last")
    await seen.backup("globex", partly, "Completed", bad=False, dry_run=True)
    await seen.backup("globex", partly, "Completed", bad=False, only="plans")

    lost = api(LOST, servers=1, applications=2)
    await seen.audit("initech", lost, "Incomplete", bad=True)
    rewrite(lost, **STARTS_LATER)
    await seen.backup("initech", lost, "Failed", bad=True)  # In doubt.
    monkeypatch.setenv("SERVERAVATAR_API_URL", "http://127.0.0.1:9")
    await seen.backup("initech", lost, "Failed", bad=True)
    await seen.audit("initech", lost, "Failed", bad=True)
    lost.fleet.write_text("organization: 5\nservers: []\n", "utf-8")
    await seen.backup("initech", lost, "Failed", bad=True)
    await seen.audit("initech", lost, "Failed", bad=True)

    shown = {run.id: run for run in await all_runs()}
    for run, (fleet, ending, bad) in zip(seen.ids, seen.expected, strict=True):
        state = shown[run].state
        assert state is not None
        assert (state.name, state.type in BAD) == (ending, bad), state
        assert fleet in shown[run].name
        artifacts = await artifacts_of(run)
        assert artifacts or ending not in {"Completed", "Incomplete"}
        for key, caption in artifacts:
            assert f"--{fleet}" in key
            assert fleet in caption
    if folder := os.environ.get("PICTURES"):
        url = str(get_current_settings().api.url).removesuffix("/api")
        await asyncio.to_thread(photograph, url, Path(folder) / "dashboard.png")
