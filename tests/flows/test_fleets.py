"""Several fleets: what one run leaves behind is never taken for another fleet's."""

from collections.abc import Callable
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId
from prefect.client.schemas.objects import State

from deployments.choices import Choices
from deployments.declaration import shipped_file
from deployments.fleets import declarations_of
from deployments.registration.registration import prepare, register
from flows.fleet_audit import fleet_audit
from flows.fleet_backup import fleet_backup
from tests.flows.conftest import Api, Ear
from tests.flows.test_alarms import events_of

pytestmark = pytest.mark.anyio
StartApi = Callable[..., Api]
REFUSED = {"kind": "answer", "call": "create", "status": 404, "message": "Application not found!", "every": 4}


async def run(name: str, file: Path, **parameters: Any) -> State[Any]:
    state = await fleet_backup(file, fleet=name, return_state=True, **parameters)
    assert isinstance(state, State)
    return state


async def keys_of(state: State[Any]) -> set[str | None]:
    run_id = state.state_details.flow_run_id
    assert run_id
    of_run = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run_id]))
    async with get_client() as client:
        return {artifact.key for artifact in await client.read_artifacts(artifact_filter=of_run)}


def metrics_in(folder: Path) -> set[str]:
    return {file.name for file in folder.glob("*.prom")}


async def test_two_fleets_whose_files_have_the_same_name_keep_all_that_is_theirs(
    api: StartApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = api(REFUSED, servers=1, applications=2)
    monkeypatch.setenv("FLEET_BACKUP_METRICS_FOLDER", str(tmp_path))
    files = {name: tmp_path / name / "fleet.yaml" for name in ("acme", "globex")}
    for file in files.values():
        file.parent.mkdir()
        copyfile(sandbox.fleet, file)

    good = await run("acme", files["acme"], verify=False)
    bad = await run("globex", files["globex"], verify=False)

    assert good.message == "2 created"
    assert bad.message == "1 created, 1 rejected (web-0001: Application not found!)"
    assert await keys_of(good) == {"fleet-backup-report--acme", "fleet-backup-summary--acme"}
    assert await keys_of(bad) == {"fleet-backup-report--globex", "fleet-backup-summary--globex"}
    (event,) = await events_of(str(bad.state_details.flow_run_id), "fleet-backup.fleet.")
    assert event["resource"]["prefect.resource.id"] == "fleet-backup.fleet.globex"
    assert metrics_in(tmp_path) == {"fleet_backup_acme.prom", "fleet_backup_globex.prom"}

    nothing = await run("acme", files["acme"], failed_from="last", verify=False)
    assert "is left to do in this fleet file" in (nothing.message or "")
    again = await run("globex", files["globex"], failed_from="last", verify=False)
    assert again.message == "1 created"
    left = await run("initech", files["acme"], failed_from="last")
    assert left.message == "failed_from last: no runs of initech in the ledger"


async def test_the_audit_of_a_fleet_is_under_its_name(api: StartApi) -> None:
    state = await fleet_audit(api(servers=1).fleet, fleet="acme", return_state=True)
    assert isinstance(state, State)
    assert await keys_of(state) == {"fleet-audit-table--acme", "fleet-audit-summary--acme"}


async def test_the_caps_of_a_fleet_take_the_place_of_its_files(api: StartApi, ear: Ear) -> None:
    sandbox = api(servers=1, applications=3, seconds=0.3)
    await run("acme", sandbox.fleet, max_running_per_server=1)
    assert any("before 1 others begin" in reason for reason in ear.waits), ear.waits


@pytest.mark.parametrize("name", ["Acme", "a/b", "a\nb", "x" * 61])
async def test_a_name_that_is_none_is_refused_before_the_run_begins(api: StartApi, name: str) -> None:
    state = await run(name, api(servers=1).fleet)
    assert state.is_failed()


async def test_the_deployments_of_two_fleets_stand_side_by_side_and_a_second_deploy_changes_nothing(
    tmp_path: Path,
) -> None:
    file = tmp_path / "fleets.yaml"
    file.write_text(
        "all_fleets: {at: '22:00'}\nfleets: [{name: acme, file: a.yaml}, {name: globex, file: g.yaml}]", "utf-8"
    )
    wanted = declarations_of(shipped_file(), Choices(fleet=file))
    for change in ("created", "unchanged"):
        prepared = await prepare(wanted, on_pool=False)
        new = {one.change for one in prepared.deployments if one.declared.name not in ("continue", "create-backup")}
        assert new == {change}
        await register(prepared)
    async with get_client() as client:
        for fleet in ("acme", "globex"):
            there = await client.read_deployment_by_name(f"fleet_backup/nightly-{fleet}")
            assert there.parameters["fleet"] == fleet
            assert f"fleet:{fleet}" in there.tags
            assert there.schedules == []
        for one in wanted:
            there = await client.read_deployment_by_name(f"{one.flow}/{one.name}")
            await client.delete_deployment(there.id)
