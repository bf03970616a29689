"""`fleet-backup plan`: what a run would do, without doing it, and that after the run there is nothing to do."""

import json
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import pytest

from tests.e2e.conftest import StartStranger
from tests.e2e.fleets import (
    AT_ONCE,
    DEFAULTS,
    LATER,
    Row,
    application,
    backup_of,
    fleet_file,
    servers,
    with_defaults,
    world,
)
from tests.e2e.processes import Ended, FleetBackup, Options, StrangerProcess

TARGET = {
    *("organization", "server_id", "server", "application", "domain", "application_id", "database_id", "type"),
    *("automatic_backup", "action", "reason", "differences", "body"),
}
TOP = {
    *("schema", "fleet", "run_key", "requests", "seconds", "windows", "totals", "verdict", "exit_code", "targets"),
    *("drift", "cannot_tell"),
}


@dataclass
class Operator:
    """Somebody at a terminal: one home, so one ledger, and one API."""

    fleet_backup: FleetBackup
    stranger: StrangerProcess

    def does(self, *arguments: str, fleet: Row) -> Ended:
        return self.fleet_backup.run(*arguments, **self.options(fleet))

    def options(self, fleet: Row) -> Options:
        return {"fleet": fleet, "stranger": self.stranger, "home": self.fleet_backup.folder / "home"}

    def plans(self, *options: str, fleet: Row) -> tuple[int, dict[str, Any]]:
        """The exit code of a plan and its JSON, which nothing else stands beside; it only reads."""
        before = self.stranger.creates()
        ended = self.fleet_backup.run_here("plan", "FLEET", "--json", *options, **self.options(fleet))
        assert ended.stdout, ended.stderr
        shown: dict[str, Any] = json.loads(ended.stdout)
        assert shown.keys() == TOP
        assert all(target.keys() == TARGET for target in shown["targets"])
        assert shown["exit_code"] == ended.exit_code
        assert self.stranger.creates() == before
        assert shown["requests"] >= 0
        return ended.exit_code, shown


def actions(shown: dict[str, Any]) -> dict[int, str]:
    """Action by application id; what has nothing to do is left out."""
    return {row["application_id"]: row["action"] for row in shown["targets"] if row["action"] != "nothing"}


def bodies(rows: list[Row]) -> list[Row]:
    """What was sent, or would be, in the order of the applications."""
    return sorted((row["body"] for row in rows), key=lambda body: int(body["application_id"]))


def drifted(shown: dict[str, Any]) -> dict[int, str]:
    return {row["application_id"]: row["kind"] for row in shown["drift"]}


def without(file: Row, identity: int) -> Row:
    """The same fleet file, but for one application."""
    changed = deepcopy(file)
    for server in changed["servers"]:
        server["backups"] = [row for row in server["backups"] if row["application_id"] != identity]
    return changed


@pytest.mark.parametrize("start", [AT_ONCE, LATER], ids=["at once", "later"])
def test_plan_run_plan_and_then_what_was_deleted_and_added(
    fleet_backup: FleetBackup, start_stranger: StartStranger, start: Row
) -> None:
    fleet = servers(2, 4)
    file = with_defaults(fleet_file(fleet), **start)
    stranger = start_stranger(world(fleet, older=15))
    operator = Operator(fleet_backup, stranger)

    code, shown = operator.plans(fleet=file)
    assert (code, shown["totals"]) == (7, {"create": 8})
    assert not list(fleet_backup.folder.rglob("*.sqlite")), "a plan makes no ledger"

    ran = operator.does("run", "FLEET", fleet=file)
    assert ran.exit_code == 0, ran.stderr
    assert bodies(stranger.truth()["plans"]) == bodies(shown["targets"])
    stranger.change(run_plans=True)
    assert operator.plans(fleet=file)[0] == 0
    ended = operator.does("plan", "FLEET", fleet=file)
    assert ended.exit_code == 0
    assert ended.stdout == ""
    assert "8 with nothing to do" in ended.stderr

    gone, added = fleet[0]["applications"][0], application(102, 5)
    fleet[0]["applications"].pop(0)
    fleet[1]["applications"].append(added)
    stranger.change(applications={row["id"]: row["applications"] for row in fleet})
    changed = deepcopy(file)
    changed["servers"][1]["backups"].append(backup_of(added))
    code, shown = operator.plans(fleet=changed)
    assert (code, actions(shown), drifted(shown)) == (7, {gone["id"]: "refuse", added["id"]: "create"}, {})
    code, shown = operator.plans(fleet=without(changed, gone["id"]))
    assert (code, actions(shown), drifted(shown)) == (7, {added["id"]: "create"}, {gone["id"]: "gone"})

    forgotten = operator.does("forget", shown["drift"][0]["key"], fleet=changed)
    assert forgotten.exit_code == 0, forgotten.stderr
    assert operator.does("run", "FLEET", fleet=without(changed, gone["id"])).exit_code == 0
    assert operator.plans(fleet=without(changed, gone["id"]))[0] == 0


def test_a_living_fleet_shows_exactly_what_was_deleted_and_added(
    fleet_backup: FleetBackup, start_stranger: StartStranger
) -> None:
    fleet = servers(2, 4)
    rules = [{"defaults": {"type": "filesystem"}}]
    file = {"organization": 5, "defaults": {**DEFAULTS, **AT_ONCE}, "select": rules}
    stranger = start_stranger(world(fleet))
    operator = Operator(fleet_backup, stranger)
    assert operator.does("run", "FLEET", fleet=file).exit_code == 0
    assert operator.plans(fleet=file)[0] == 0

    gone, added = fleet[0]["applications"].pop(0), application(102, 5)
    fleet[1]["applications"].append(added)
    stranger.change(applications={row["id"]: row["applications"] for row in fleet})

    code, shown = operator.plans(fleet=file)
    assert (code, actions(shown), drifted(shown)) == (7, {added["id"]: "create"}, {gone["id"]: "gone"})
    assert operator.plans("--limit", "web-102", fleet=file)[1]["drift"] == []


def test_instant_backups_are_made_anew_but_under_the_key_of_a_run_that_made_them(
    fleet_backup: FleetBackup, start_stranger: StartStranger
) -> None:
    fleet = servers(1, 3)
    file = fleet_file(fleet)
    stranger = start_stranger(world(fleet, older=5))
    operator = Operator(fleet_backup, stranger)
    code, shown = operator.plans(fleet=file)
    assert (code, shown["totals"]) == (7, {"create": 3})

    ran = operator.does("run", "FLEET", "--run-key", shown["run_key"], fleet=file)

    assert ran.exit_code == 0, ran.stderr
    assert bodies(stranger.truth()["backups"]) == bodies(shown["targets"])
    assert ran.report is not None
    assert shown["requests"] == pytest.approx(ran.report["requests"]["total"], rel=0.25)
    assert operator.plans("--run-key", shown["run_key"], fleet=file)[0] == 0
    again = operator.plans(fleet=file)[1]
    assert again["totals"] == {"create": 3}
    assert again["requests"] <= shown["requests"], "what was verified needs no lookup"


def test_what_is_in_doubt_and_what_differs_is_told_as_the_run_will_treat_it(
    fleet_backup: FleetBackup, start_stranger: StartStranger
) -> None:
    fleet = servers(1, 3)
    file = with_defaults(fleet_file(fleet), **LATER)
    stranger = start_stranger(world(fleet, faults={"500_after": 1.0}, faults_in_a_row=1000))
    operator = Operator(fleet_backup, stranger)
    assert operator.does("run", "FLEET", fleet=file).exit_code == 5

    code, shown = operator.plans(fleet=file)
    assert (code, shown["totals"]) == (5, {"refuse": 3})
    assert all("resend plans" in row["reason"] for row in shown["targets"])
    dry = operator.does("run", "FLEET", "--dry-run", fleet=file)
    assert dry.exit_code == 5
    assert [row["reason"] for row in dry.targets] == [row["reason"] for row in shown["targets"]]
    assert operator.plans("--resend-plans", "all", fleet=file)[1]["totals"] == {"create": 3}
    stranger.change(run_plans=True)
    code, shown = operator.plans(fleet=file)
    assert (code, shown["totals"]) == (7, {"adopt": 3})
    assert operator.does("run", "FLEET", fleet=file).exit_code == 0
    assert operator.plans(fleet=file)[0] == 0

    hourly = with_defaults(file, schedule="Every Hour")
    code, shown = operator.plans(fleet=hourly)
    assert (code, shown["totals"]) == (7, {"nothing": 3})
    assert shown["targets"][0]["differences"] == {"schedule": {"is": "Every Day", "wanted": "Every Hour"}}
    code, shown = operator.plans("--update-plans", fleet=hourly)
    assert (code, shown["totals"]) == (7, {"update": 3})
    dry = operator.does("run", "FLEET", "--dry-run", "--update-plans", fleet=hourly)
    assert dry.exit_code == 0
    assert {row["outcome"] for row in dry.targets} == {"planned"}
    assert {row["reason"] for row in dry.targets} == {"would be updated: schedule: Every Day -> Every Hour"}
    assert operator.does("run", "FLEET", "--update-plans", fleet=hourly).exit_code == 0
    assert bodies(stranger.truth()["updates"]) == bodies(shown["targets"])
    assert operator.plans("--update-plans", fleet=hourly)[0] == 0


def test_what_cannot_be_done_ends_as_the_run_would(fleet_backup: FleetBackup, start_stranger: StartStranger) -> None:
    fleet = servers(2, 1)
    file = with_defaults(fleet_file(fleet), **AT_ONCE)
    stranger = start_stranger(world(fleet))
    operator = Operator(fleet_backup, stranger)
    assert operator.does("run", "FLEET", fleet=file).exit_code == 0
    stranger.change(states={101: "dead"})
    assert operator.plans(fleet=file)[0] == 3
    stranger.change(states={102: "dead"})
    assert operator.plans(fleet=file)[0] == 4
    stranger.change(token="another")
    ended = operator.does("plan", "FLEET", fleet=file)
    assert ended.exit_code == 6
    assert operator.does("plan", "FLEET", "--limit", "no-such", fleet=file).exit_code == 2
    assert operator.does("forget", "0" * 16, fleet=file).exit_code == 2


def test_a_plan_whose_start_has_passed_is_no_mistake_once_it_exists(
    fleet_backup: FleetBackup, start_stranger: StartStranger
) -> None:
    fleet = servers(1, 2)
    file = with_defaults(fleet_file(fleet), **LATER)
    operator = Operator(fleet_backup, start_stranger(world(fleet)))
    assert operator.does("run", "FLEET", fleet=without(file, 10102)).exit_code == 0
    next_day = with_defaults(file, start_backup="2020-07-13 17:49")

    assert operator.plans(fleet=without(next_day, 10102))[0] == 0
    for command in ("run", "check"):
        assert operator.does(command, "FLEET", fleet=without(next_day, 10102)).exit_code == 0
        refused = operator.does(command, "FLEET", fleet=next_day)
        assert refused.exit_code == 2
        assert "start_backup: must be in the future" in refused.stderr
