"""The flow on a real Prefect server: states, retries, artifacts, and where the token is not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    FlowRunFilter,
    FlowRunFilterId,
    LogFilter,
    LogFilterFlowRunId,
)
from prefect.client.schemas.objects import State, TaskRun
from prefect.flow_engine import run_flow_async
from prefect.flows import Flow, load_flow_from_entrypoint
from prefect.states import Scheduled

from deployments.server.recorded import until_logged, until_recorded
from fleet.report.outcome import Outcome
from fleet.report.report import Report
from flows.fleet_backup import fleet_backup
from tasks.telling.run_report import WITH_WARNINGS
from tests.flows.conftest import TOKEN, Api, Ear

pytestmark = pytest.mark.anyio
StartApi = Callable[..., Api]

BEFORE = {"kind": "answer", "call": "create", "status": 500, "moment": "before", "first": 1}
AFTER = {"kind": "answer", "call": "create", "status": 500, "moment": "after", "first": 1}


async def run(fleet: Path, **parameters: object) -> State[Any]:
    state = await fleet_backup(fleet, return_state=True, **parameters)
    assert isinstance(state, State)
    return state


def report_of(ear: Ear) -> Report:
    assert ear.report is not None
    return ear.report


async def task_runs(state: State[Any], at_least: int) -> list[TaskRun]:
    run_id = state.state_details.flow_run_id
    assert run_id is not None
    assert await until_recorded(run_id, at_least)
    async with get_client() as client:
        return await client.read_task_runs(flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[run_id])))


async def test_every_target_is_a_task_named_for_people_and_the_state_says_what_happened(
    api: StartApi, ear: Ear
) -> None:
    sandbox = api(servers=2, applications=3)
    state = await run(sandbox.fleet)
    assert state.is_completed()
    assert state.message == "6 verified"
    names = {task_run.name for task_run in await task_runs(state, 10)}
    assert {target.server + " · " + target.application for target in report_of(ear).targets} <= names
    assert [name for name, _ in ear.phases] == ["check", "create", "verify"]


async def test_prefect_retries_a_passing_500_and_nothing_is_made_twice(api: StartApi, ear: Ear) -> None:
    sandbox = api(BEFORE, servers=1, applications=3)
    state = await run(sandbox.fleet)
    assert state.is_completed()
    assert [(target.outcome, target.attempts) for target in report_of(ear).targets] == [(Outcome.VERIFIED, 2)] * 3
    creates = [task_run for task_run in await task_runs(state, 7) if " · " in task_run.name]
    assert {task_run.run_count for task_run in creates} == {2}


async def test_prefects_log_has_a_line_for_each_problem_and_none_for_each_target(api: StartApi, ear: Ear) -> None:
    """At 1,000 targets the lines of Prefect's engine cost as much as the requests."""
    sandbox = api({**BEFORE, "every": 5}, servers=4, applications=5)
    state = await run(sandbox.fleet, verify=False)
    await until_logged()
    async with get_client() as client:
        run_id = LogFilterFlowRunId(any_=[state.state_details.flow_run_id])
        lines = await client.read_logs(LogFilter(flow_run_id=run_id), limit=200)
    retries = sum(target.attempts - 1 for target in report_of(ear).targets)
    assert retries > 0
    assert len([line for line in lines if line.message.endswith("; it is tried again")]) == retries
    # The flow, its hooks, its few tasks beside the creates, and the first contact with the API.
    assert len(lines) - retries <= 14


async def test_what_was_applied_although_it_answered_500_is_adopted_and_not_sent_again(api: StartApi, ear: Ear) -> None:
    sandbox = api(AFTER, servers=1, applications=3)
    state = await run(sandbox.fleet)
    assert state.message == "3 adopted"
    assert [target.attempts for target in report_of(ear).targets] == [1, 1, 1]
    assert report_of(ear).requests.by_call["create backup"] == 3


async def test_a_second_run_of_the_same_key_starts_no_task_for_what_is_there(api: StartApi, ear: Ear) -> None:
    sandbox = api(servers=1, applications=3)
    await run(sandbox.fleet, run_key="monday")
    assert ear.acted == 3
    state = await run(sandbox.fleet, run_key="monday")
    assert state.is_completed()
    assert ear.acted == 3


async def test_a_refusal_is_not_retried_and_stops_nobody_else(api: StartApi, ear: Ear) -> None:
    full = {
        "kind": "answer",
        "call": "create",
        "status": 500,
        "message": "Instant Backup is failed because you do not have enough disk space available on your server.",
        "every": 3,
    }
    state = await run(api(full, servers=1, applications=3).fleet)
    assert state.name == WITH_WARNINGS
    report = report_of(ear)
    assert report.totals == {Outcome.REJECTED: 1, Outcome.VERIFIED: 2}
    assert [target.attempts for target in report.targets] == [1, 1, 1]
    assert state.message is not None
    assert "not have enough disk space" in state.message


async def test_a_refused_token_costs_one_request(api: StartApi, ear: Ear, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox = api(servers=5, applications=5)
    monkeypatch.setenv("SERVERAVATAR_API_TOKEN", "wrong")
    state = await run(sandbox.fleet)
    assert state.is_failed()
    assert report_of(ear).exit_code == 6
    assert report_of(ear).requests.total == 1
    assert report_of(ear).totals == {Outcome.NOT_TRIED: 25}


async def test_a_dry_run_creates_nothing(api: StartApi, ear: Ear) -> None:
    state = await run(api(servers=1, applications=2).fleet, dry_run=True)
    assert state.message == "2 planned"
    assert "create backup" not in report_of(ear).requests.by_call
    assert {target.reason for target in report_of(ear).targets} == {"would be created"}


async def test_a_dry_run_of_a_key_says_what_the_run_of_that_key_would_do(api: StartApi, ear: Ear) -> None:
    sandbox = api(servers=1, applications=2)
    await run(sandbox.fleet, run_key="monday")
    state = await run(sandbox.fleet, run_key="monday", dry_run=True)
    assert state.is_completed()
    assert state.message == "2 planned"
    assert {target.reason for target in report_of(ear).targets} == {"nothing to do: verified"}


async def test_what_is_not_complete_in_time_is_unverified(api: StartApi, ear: Ear) -> None:
    sandbox = api({"kind": "stuck", "call": "backup"}, servers=1, applications=1)
    state = await run(sandbox.fleet, verify_timeout=0.5)
    assert state.name == WITH_WARNINGS
    (target,) = report_of(ear).targets
    assert target.outcome is Outcome.UNVERIFIED
    assert target.reason.startswith("not complete after 0 s")


async def test_the_report_stands_in_the_ui_as_a_table_and_a_summary(api: StartApi, ear: Ear) -> None:
    state = await run(api(servers=None).fleet, dry_run=True)
    assert state.state_details.flow_run_id is not None
    of_run = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[state.state_details.flow_run_id]))
    async with get_client() as client:
        artifacts = {artifact.key: artifact for artifact in await client.read_artifacts(artifact_filter=of_run)}
    report, shown = "fleet-backup-report-dry-run--sandbox-0", "fleet-backup-summary-dry-run--sandbox-0"
    assert artifacts.keys() >= {report, shown}
    assert str(artifacts[shown].description).startswith("**sandbox-0 · dry run** · ")
    table, summary = str(artifacts[report].data), str(artifacts[shown].data)
    assert table.index("disk 99 % full") < table.index("planned")
    assert f" of {len(report_of(ear).targets)} targets succeeded\n" in summary


async def test_the_token_is_nowhere_in_prefect(api: StartApi, ear: Ear, prefect_home: Path) -> None:
    faults = ({**BEFORE, "message": f"your token {TOKEN} is fine"}, {"kind": "drop", "call": "create", "every": 2})
    state = await run(api(*faults, servers=1, applications=4).fleet)
    await task_runs(state, 4)
    assert TOKEN not in report_of(ear).model_dump_json()
    assert files_with_the_token(prefect_home) == []


async def test_the_same_key_again_sends_nothing_and_another_key_makes_anew(api: StartApi, ear: Ear) -> None:
    sandbox = api(servers=1, applications=3)
    await run(sandbox.fleet, run_key="monday")
    again = await run(sandbox.fleet, run_key="monday")
    assert again.message == "3 verified"
    assert "create backup" not in report_of(ear).requests.by_call
    await run(sandbox.fleet, run_key="tuesday")
    assert report_of(ear).requests.by_call["create backup"] == 3


async def test_a_retry_by_prefect_continues_the_same_run(api: StartApi, ear: Ear) -> None:
    refused_once = {"kind": "answer", "call": "create", "application": 4247, "first": 1, "message": "Invalid schedule!"}
    sandbox = api(refused_once, servers=1, applications=3)
    first = await run(sandbox.fleet)
    run_id = first.state_details.flow_run_id
    assert first.name == WITH_WARNINGS
    assert run_id is not None
    async with get_client() as client:
        # What "Retry" in the UI and `prefect flow-run retry` do: the same flow run is due once more.
        await client.set_flow_run_state(run_id, Scheduled(), force=True)
        same = await client.read_flow_run(run_id)
    await run_flow_async(fleet_backup, flow_run=same, parameters={"fleet_file": sandbox.fleet}, return_type="state")
    assert [target.outcome for target in report_of(ear).targets] == [Outcome.VERIFIED] * 3
    assert report_of(ear).requests.by_call["create backup"] == 1


async def test_a_ledger_that_cannot_be_written_stops_the_run_before_the_first_create(
    api: StartApi, ear: Ear, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sandbox = api(servers=1, applications=2)
    (tmp_path / "a-file").touch()
    monkeypatch.setenv("FLEET_BACKUP_LEDGER_URL", f"sqlite:///{tmp_path}/a-file/ledger.sqlite")
    state = await run(sandbox.fleet)
    assert state.is_failed()
    assert "the ledger" in str(state.message)
    assert ear.report is None
    assert ear.phases == []


def files_with_the_token(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and TOKEN.encode() in path.read_bytes()]


def test_the_entrypoint_loads_for_a_deployment_and_not_as_a_placeholder() -> None:
    loaded: Flow[..., Any] = load_flow_from_entrypoint("flows/fleet_backup.py:fleet_backup", use_placeholder_flow=False)
    assert loaded.name == "fleet_backup"
    assert set(loaded.parameters.properties) >= {"fleet_file", "limit", "dry_run", "run_key", "verify"}
