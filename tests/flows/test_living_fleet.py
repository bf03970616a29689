"""A fleet file with rules, on the sandbox: what is found at each run, told, and what a failing API makes of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from prefect.client.schemas.objects import State
from ruamel.yaml import YAML

from fleet.report.outcome import Outcome
from fleet.report.report import Report
from fleet.selection.selection import SelectionError
from flows.fleet_backup import fleet_backup
from tests.flows.conftest import Api, Ear

pytestmark = pytest.mark.anyio
StartApi = Callable[..., Api]
DEFAULTS = {
    "provider": "wasabi",
    "cloud_storage_provider_id": 10,
    "automatic_backup": False,
    "type": "application",
    "application_extension": ".tar.gz",
    "database_extension": ".sql.gz",
}
EVERYTHING = {"databases": {"match": "{application}_*"}}


def fleet_file(sandbox: Api, *rules: dict[str, Any], **more: Any) -> Path:
    with sandbox.fleet.open("w", encoding="utf-8") as file:
        YAML(typ="safe").dump({"organization": 5, "defaults": DEFAULTS, "select": list(rules), **more}, file)
    return sandbox.fleet


async def run(fleet: Path, **parameters: object) -> State[Any]:
    state = await fleet_backup(fleet, return_state=True, **parameters)
    assert isinstance(state, State)
    return state


def report_of(ear: Ear) -> Report:
    assert ear.report is not None
    return ear.report


def control(sandbox: Api) -> httpx.Client:
    return httpx.Client(base_url=f"{sandbox.url}/_sandbox", trust_env=False)


def applications(ear: Ear) -> list[str]:
    return [target.application for target in report_of(ear).targets]


async def test_a_site_made_between_two_runs_is_in_the_second_and_one_that_is_gone_is_not(
    api: StartApi, ear: Ear
) -> None:
    sandbox = api(servers=2, applications=2)
    fleet = fleet_file(sandbox, {**EVERYTHING, "applications": {"active": True, "not": {"domain": "*.test"}}})
    assert (await run(fleet)).message == "4 verified"
    with control(sandbox) as client:
        client.post("/servers/16/applications", json={"name": "new-shop"}).raise_for_status()
        client.post("/servers/15/applications", json={"name": "trial", "domain": "trial.test"}).raise_for_status()
        client.post("/servers/15/applications", json={"name": "sleeper", "active": False}).raise_for_status()
        client.delete("/applications/4246").raise_for_status()
        client.delete("/requests").raise_for_status()
    assert (await run(fleet)).message == "4 verified"
    report = report_of(ear)
    assert applications(ear) == ["site-002", "site-001", "site-002", "new-shop"]
    assert all(target.database_id for target in report.targets)
    assert report.selection.scope == "all"
    assert report.selection.rules == ["select[0]: 4 applications on 2 servers"]
    assert ear.notices == report.selection.rules * 2
    assert len(ear.first_contacts) == 1, "the doctor is named once: the second run knows the API"
    assert [name for name, _ in ear.phases] == ["select", "check", "create", "verify"] * 2
    with control(sandbox) as client:
        calls = client.get("/requests").json()["by_call"]
    assert calls["servers"] == 1
    assert calls["server_applications"] == calls["server_databases"] == 2


async def test_named_backups_and_rules_in_one_run(api: StartApi, ear: Ear) -> None:
    sandbox = api(servers=2, applications=2)
    named = {"id": 15, "name": "alex", "backups": [{"application_id": 4247, "database_id": 4224, "type": "database"}]}
    rules = ({"servers": {"id": 15}, "defaults": {"type": "filesystem"}}, EVERYTHING)
    state = await run(fleet_file(sandbox, *rules, servers=[named]), limit=["alex"])
    assert state.message == "5 verified"
    told = [(target.server, target.application_id, target.type) for target in report_of(ear).targets]
    kinds = ["database", "filesystem", "filesystem", "application", "application"]
    assert told == [("alex", number, kind) for number, kind in zip((4247, 4246, 4247, 4246, 4247), kinds, strict=True)]
    assert report_of(ear).selection.scope == "part"


async def test_a_rule_that_matches_nothing_ends_the_run_before_anything_is_created(api: StartApi, ear: Ear) -> None:
    sandbox = api(servers=1, applications=2)
    fleet = fleet_file(sandbox, EVERYTHING, {"applications": {"framework": "wordpres"}})
    state = await run(fleet)
    assert state.is_failed()
    assert state.message == "select[1]: matches no application on 1 server (allow this with allow_empty)"
    with pytest.raises(SelectionError):
        await state.aresult()
    assert ear.report is None
    assert (await run(fleet, allow_empty=True)).message == "2 verified"


async def test_an_api_that_fails_while_rules_are_resolved_is_unusable_and_no_empty_fleet(
    api: StartApi, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = api(servers=1, applications=1)
    monkeypatch.setenv("SERVERAVATAR_API_TOKEN", "wrong")
    state = await run(fleet_file(sandbox, EVERYTHING), allow_empty=True)
    assert state.is_failed()
    assert report_of(ear).exit_code == 6
    assert (report_of(ear).targets, report_of(ear).selection.scope) == ([], "unknown")
    assert report_of(ear).requests.total == 1
    again = await run(sandbox.fleet, failed_from="last")
    assert again.is_failed()
    assert "ended before its rules were resolved" in str(again.message)


async def test_a_server_whose_list_cannot_be_read_is_a_warning_and_is_made_up_for(api: StartApi, ear: Ear) -> None:
    broken = {"kind": "answer", "call": "server_applications", "server": 15, "status": 404, "message": "Not now."}
    sandbox = api(broken, servers=2, applications=2)
    state = await run(fleet_file(sandbox, EVERYTHING), run_key="monday")
    assert state.name == "Incomplete"
    assert state.message is not None
    assert state.message.startswith("2 verified; web-0001: its applications could not be read: Not now.")
    assert report_of(ear).exit_code == 3
    assert [server.server_id for server in report_of(ear).selection.unread] == [15]
    with control(sandbox) as client:
        client.delete("/faults").raise_for_status()
    assert (await run(sandbox.fleet, failed_from="last")).message == "2 verified"
    assert {target.server_id for target in report_of(ear).targets} == {15}
    assert report_of(ear).run_key == "monday"


async def test_a_run_over_plans_alone_resolves_the_rules_of_plans_alone(api: StartApi, ear: Ear) -> None:
    sandbox = api(servers=1, applications=2)
    plan = {"automatic_backup": True, "schedule": "Every Day", "start_backup_from_now": True}
    fleet = fleet_file(sandbox, EVERYTHING, {"applications": {"name": "site-002"}, "defaults": plan})
    assert (await run(fleet, only="plans", verify=False)).message == "1 created"
    assert [target.automatic_backup for target in report_of(ear).targets] == [True]
    assert report_of(ear).totals == {Outcome.CREATED: 1}
    assert report_of(ear).selection.scope == "plans"


async def test_the_metrics_know_every_server_of_the_rules_whatever_a_run_left_out(
    api: StartApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = api(servers=3, applications=1)
    fleet = fleet_file(sandbox, {**EVERYTHING, "servers": {"name": "web-*"}})
    (tmp_path / "metrics").mkdir()
    monkeypatch.setenv("FLEET_BACKUP_METRICS_FOLDER", str(tmp_path / "metrics"))
    await run(fleet)
    await run(fleet, limit=["web-0002"])
    (written,) = (tmp_path / "metrics").iterdir()
    lines = [line for line in written.read_text("utf-8").splitlines() if "last_success" in line and line[0] != "#"]
    assert [line.split('server="')[1].split('"')[0] for line in lines] == ["web-0002", "web-0001", "web-0003"]
    times = [float(line.split()[-1]) for line in lines]
    assert times[0] > times[1] == times[2] > 0
