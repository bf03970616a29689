"""The flow of the audit on a real Prefect server: states, artifacts, and what monitors are told."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId
from prefect.client.schemas.objects import State

from flows.fleet_audit import fleet_audit
from sandbox.world.world import describe
from tasks.telling.final_state import INCOMPLETE
from tests.flows.conftest import Api
from tests.flows.test_alarms import events_of
from tests.monitor import Monitor

pytestmark = pytest.mark.anyio
StartApi = Callable[..., Api]


async def audited(fleet: Path, **parameters: object) -> State[Any]:
    state = await fleet_audit(fleet, return_state=True, **parameters)
    assert isinstance(state, State)
    return state


def back_up_all_but(sandbox: Api, left_out: int) -> None:
    ids = [row["id"] for row in describe(sandbox.folder)["applications"]][left_out:]
    rows = [{"application_id": number, "age_seconds": 3600} for number in ids]
    httpx.post(f"{sandbox.url}/_sandbox/backups", json=rows).raise_for_status()


async def test_an_audit_is_told_in_its_state_its_artifacts_its_heartbeat_its_event_and_its_metrics(
    api: StartApi, monitor: Monitor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = api(servers=2, applications=3)
    monkeypatch.setenv("FLEET_BACKUP_AUDIT_HEARTBEAT_URL", monitor.url)
    monkeypatch.setenv("FLEET_BACKUP_METRICS_FOLDER", str(tmp_path))
    back_up_all_but(sandbox, 1)
    state = await audited(sandbox.fleet)
    assert state.name == INCOMPLETE
    assert state.message == "1 never (web-0001 · site-001), 5 fine"
    run_id = state.state_details.flow_run_id
    assert run_id is not None
    of_run = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run_id]))
    async with get_client() as client:
        found = await client.read_artifacts(artifact_filter=of_run)
    artifacts = {artifact.key: str(artifact.data) for artifact in found}
    table = artifacts["fleet-audit-table--sandbox-0"]
    assert set(artifacts) == {"fleet-audit-table--sandbox-0", "fleet-audit-summary--sandbox-0"}
    assert table.index("never") < table.index("fine")
    assert any("/fail?rid=" in path for _, path, _ in monitor.told)
    (event,) = await events_of(str(run_id), "fleet-backup.audit.")
    assert event["event"] == "fleet-backup.audit.with-warnings"
    assert event["payload"]["totals"] == {"never": 1, "fine": 5}
    written = (tmp_path / f"fleet_audit_{sandbox.fleet.stem}.prom").read_text("utf-8")
    assert f'fleet_backup_audit_findings{{fleet="{sandbox.fleet.stem}",status="never"}} 1.0\n' in written

    told = len(monitor.told)
    assert (await audited(sandbox.fleet, limit=["web-0002"])).message == "3 fine"
    assert len(monitor.told) == told


async def test_what_cannot_be_read_is_a_failure_and_never_a_finding(api: StartApi) -> None:
    broken = {"kind": "answer", "call": "backups", "status": 422, "message": "no", "moment": "before", "every": 1}
    state = await audited(api(broken, servers=1).fleet)
    assert state.is_failed()
    assert state.message == "organization 5 could not be read: no (list backups, status 422)"
