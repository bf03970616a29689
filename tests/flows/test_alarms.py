"""What monitors, automations and Prometheus are told of real runs; and that nothing of it changes how a run ends."""

import asyncio
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import LogFilter, LogFilterFlowRunId
from prefect.client.schemas.objects import Log, State
from prefect.events import emit_event
from prefect.events.worker import EventsWorker

from deployments.server.recorded import until_logged
from fleet.report.progress import listener
from flows.fleet_backup import fleet_backup
from tests.flows.conftest import Api, Ear
from tests.monitor import KEY, Monitor

pytestmark = pytest.mark.anyio
StartApi = Callable[..., Api]
REFUSED = {"kind": "answer", "call": "create", "status": 404, "message": "Application not found!", "every": 3}


@pytest.fixture
def metrics(tmp_path: Path) -> Path:
    (tmp_path / "metrics").mkdir()
    return tmp_path / "metrics"


@pytest.fixture
def start(api: StartApi, monitor: Monitor, metrics: Path, monkeypatch: pytest.MonkeyPatch) -> StartApi:
    """A sandbox, with every alarm switched on."""

    def begin(*faults: dict[str, Any], servers: int = 2) -> Api:
        sandbox = api(*faults, servers=servers, applications=3)
        monkeypatch.setenv("FLEET_BACKUP_HEARTBEAT_URL", f"{monitor.url}/{{fleet}} uptime-kuma+{monitor.url}/push")
        monkeypatch.setenv("FLEET_BACKUP_METRICS_FOLDER", str(metrics))
        return sandbox

    return begin


async def run(fleet: Path, **parameters: object) -> tuple[State[Any], str]:
    state = await fleet_backup(fleet, return_state=True, **parameters)
    assert isinstance(state, State)
    assert state.state_details.flow_run_id
    return state, str(state.state_details.flow_run_id)


async def events_of(run_id: str, name: str) -> list[dict[str, Any]]:
    """Events of a run that people's automations hear, once the server has one that was sent after all of them."""
    last = str(uuid4())
    related = [{"prefect.resource.id": f"prefect.flow-run.{run_id}", "prefect.resource.role": "flow-run"}]
    emit_event("tests.last", resource={"prefect.resource.id": f"tests.{last}"}, related=related)
    EventsWorker.drain_all(timeout=10)
    wanted = {"event": {"prefix": [name, "tests.last"]}, "related": {"id": [f"prefect.flow-run.{run_id}"]}}
    async with asyncio.timeout(60), get_client() as client:
        while True:
            answer = await client.request("POST", "/events/filter", json={"filter": wanted, "limit": 50})
            events: list[dict[str, Any]] = answer.json()["events"]
            if any(event["resource"]["prefect.resource.id"] == f"tests.{last}" for event in events):
                return [event for event in events if event["event"] != "tests.last"]
            await asyncio.sleep(0.1)


async def log_of(run_id: str) -> list[Log]:
    await until_logged()
    async with get_client() as client:
        return await client.read_logs(LogFilter(flow_run_id=LogFilterFlowRunId(any_=[UUID(run_id)])))


def told(monitor: Monitor) -> list[str]:
    """What each kind of monitor was told, in order."""
    paths = [f"{path.removeprefix(f'/{KEY}')} {body.decode()}".strip() for _, path, body in monitor.told]
    return sorted(path for path in paths if "/push" not in path) + [path for path in paths if "/push" in path]


async def test_a_good_run_is_told_from_start_to_end(start: StartApi, monitor: Monitor, metrics: Path) -> None:
    sandbox = start()
    _, run_id = await run(sandbox.fleet)
    fleet = sandbox.fleet.stem
    healthchecks = [path for path in told(monitor) if "/push" not in path]
    assert sorted(healthchecks) == sorted([f"/{fleet}/start?rid={run_id}", f"/{fleet}?rid={run_id} 6 verified"])
    (push,) = [path for path in told(monitor) if "/push" in path]
    assert push.startswith(f"/push?status=up&msg=6+verified+%28run+{run_id}%29&ping=")
    (event,) = await events_of(run_id, "fleet-backup.")
    assert event["event"] == "fleet-backup.fleet.completed"
    assert event["payload"]["totals"] == {"verified": 6}
    roles = {related["prefect.resource.role"]: related["prefect.resource.name"] for related in event["related"]}
    assert roles["flow"] == "fleet_backup"
    written = (metrics / f"fleet_backup_{fleet}.prom").read_text("utf-8")
    assert f'fleet_backup_last_run_targets{{fleet="{fleet}",outcome="verified"}} 6.0\n' in written


async def test_a_run_with_bad_targets_fails_for_monitors_and_names_them(start: StartApi, monitor: Monitor) -> None:
    sandbox = start(REFUSED, servers=1)
    state, run_id = await run(sandbox.fleet)
    assert state.message
    assert any(
        path.startswith(f"/{sandbox.fleet.stem}/fail") and f" {state.message}\nnew: web-0001" in path
        for path in told(monitor)
    )
    assert any(path.startswith("/push?status=down") for path in told(monitor))
    (target,) = await events_of(run_id, "fleet-backup.target.")
    assert target["event"] == "fleet-backup.target.rejected"
    assert target["resource"]["fleet-backup.fleet"] == sandbox.fleet.stem


async def test_a_run_over_a_part_keeps_the_metrics_of_the_rest(start: StartApi, metrics: Path) -> None:
    sandbox = start()
    file = metrics / f"fleet_backup_{sandbox.fleet.stem}.prom"
    await run(sandbox.fleet)
    before = _last_successes(file)
    await run(sandbox.fleet, limit=["web-0001"])
    after = _last_successes(file)
    assert set(before) == set(after) == {"web-0001", "web-0002"}
    assert after["web-0001"] > before["web-0001"]
    assert after["web-0002"] == before["web-0002"]
    assert modes(metrics) == {file.name: 0o644}  # Nothing half-written stays; the collector is another user.


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # Of Apprise's, on Python 3.11.
@pytest.mark.parametrize("is_bad", [True, False])
async def test_trouble_is_notified_by_apprise_and_metrics_are_pushed_whatever_happens(
    api: StartApi, monitor: Monitor, monkeypatch: pytest.MonkeyPatch, is_bad: bool
) -> None:
    sandbox = api(*([REFUSED] if is_bad else []), servers=1)
    monkeypatch.setenv("FLEET_BACKUP_NOTIFY_URLS", monitor.url.replace("http://", "json://"))
    monkeypatch.setenv("FLEET_BACKUP_PUSHGATEWAY_URL", monitor.url)
    state, _ = await run(sandbox.fleet)
    *messages, pushed = monitor.told
    assert (pushed[0], pushed[1]) == ("PUT", f"/{KEY}/metrics/job/fleet_backup/fleet/{sandbox.fleet.stem}")
    assert [json.loads(body)["title"] for _, _, body in messages] == (
        [f"backup of {sandbox.fleet.stem}: not all is well"] if is_bad else []
    )
    assert all(str(state.message) in json.loads(body)["message"] for _, _, body in messages)


async def test_a_dry_run_tells_nobody(start: StartApi, monitor: Monitor, metrics: Path) -> None:
    await run(start().fleet, dry_run=True)
    assert monitor.told == []
    assert modes(metrics) == {}


async def test_a_fleet_file_with_mistakes_is_told_as_a_failure(
    start: StartApi, monitor: Monitor, metrics: Path
) -> None:
    sandbox = start()
    sandbox.fleet.write_text("servers: []\n", "utf-8")
    state, run_id = await run(sandbox.fleet)
    assert state.is_failed()
    assert any("/fail?rid=" in path and "servers" in path for path in told(monitor))
    (event,) = await events_of(run_id, "fleet-backup.fleet.failed")
    assert "servers" in event["payload"]["verdict"]
    assert modes(metrics) == {}


async def test_an_interrupted_run_is_told_as_a_failure(start: StartApi, monitor: Monitor) -> None:
    sandbox = start({"kind": "answer", "call": "create", "status": 429, "moment": "before", "every": 1})
    running = asyncio.create_task(run(sandbox.fleet))
    await until(lambda: any("/start" in path for path in told(monitor)))
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert any("/fail?rid=" in path for path in told(monitor))
    assert any(path.startswith("/push?status=down") for path in told(monitor))


async def test_monitors_that_fail_change_no_verdict_and_their_addresses_are_nowhere(
    start: StartApi, monitor: Monitor, metrics: Path, caplog: pytest.LogCaptureFixture, ear: Ear
) -> None:
    """A warning in the run's log, and for whoever listens at a terminal."""
    listener.set(ear)
    caplog.set_level(logging.DEBUG)
    sandbox = start(servers=1)
    monitor.statuses = [404] * 10
    remove(metrics)
    state, run_id = await run(sandbox.fleet)
    assert state.is_completed()
    assert state.message == "3 verified"
    warnings = [log.message for log in await log_of(run_id) if log.level == logging.WARNING]
    assert warnings[:2] == [
        "heartbeat 1 (healthchecks) was not notified: it answered 404",
        "heartbeat 2 (uptime-kuma) was not notified: it answered 404",
    ]
    assert ear.notices == [f"warning: {problem}" for problem in warnings]
    assert warnings[2].startswith("FLEET_BACKUP_METRICS_FOLDER: the metrics were not written: FileNotFoundError")
    events = await events_of(run_id, "")
    shown = f"{state!r}{await log_of(run_id)}{events}{caplog.text}"
    assert run_id in shown
    assert KEY not in shown


async def test_three_bad_runs_in_a_row_have_an_event_and_a_good_one_ends_the_row(start: StartApi) -> None:
    sandbox = start(REFUSED, servers=1)
    fleet = sandbox.fleet.rename(sandbox.fleet.with_name("row.yaml"))  # Other tests have runs of the usual name.
    names = []
    for _ in range(3):
        _, run_id = await run(fleet)
        events = await events_of(run_id, "fleet-backup.fleet.")
        names.append([event["event"] for event in events if "bad-runs" in event["event"]])
    assert names == [[], [], ["fleet-backup.fleet.bad-runs-in-a-row"]]


async def test_a_target_that_stays_bad_is_one_alarm_and_is_told_when_it_is_well_again(start: StartApi) -> None:
    names = []
    for faults in ([REFUSED | {"every": 1}], [REFUSED | {"every": 1}], []):
        sandbox = start(*faults, servers=1)
        fleet = sandbox.fleet.rename(sandbox.fleet.with_name("shops.yaml"))
        _, run_id = await run(fleet)
        events = await events_of(run_id, "fleet-backup.fleet.")
        names.append({event["event"]: event["payload"] for event in events if "targets-" in event["event"]})
    assert [list(each) for each in names] == [
        [],
        ["fleet-backup.fleet.targets-alarm"],
        ["fleet-backup.fleet.targets-recovered"],
    ]
    assert names[1]["fleet-backup.fleet.targets-alarm"]["targets"] == 3


async def until(happened: Callable[[], bool]) -> None:
    for _ in range(600):
        if happened():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it never happened")


def modes(folder: Path) -> dict[str, int]:
    """Every file of a folder with its permissions."""
    return {file.name: file.stat().st_mode & 0o777 for file in folder.iterdir()}


def remove(folder: Path) -> None:
    folder.rmdir()


def _last_successes(file: Path) -> dict[str, float]:
    lines = [line for line in file.read_text("utf-8").splitlines() if line.startswith("fleet_backup_last_success")]
    return {line.split('server="')[1].split('"')[0]: float(line.rpartition(" ")[2]) for line in lines}
