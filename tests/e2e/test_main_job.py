"""The main job against an API that the product has never met: a healthy fleet ends verified, once each."""

import json
import sqlite3
from collections import Counter
from contextlib import closing
from typing import Any

from tests.e2e.conftest import StartStranger
from tests.e2e.fleets import DEFAULTS, application, backup_of, fleet_file, server, servers, world
from tests.e2e.processes import FleetBackup, PrefectServer, wait_until
from tests.e2e.report_contract import assert_keeps_the_contract

EXAMPLE = """\
organization: 5
defaults:
  provider: wasabi
  cloud_storage_provider_id: 10
  automatic_backup: false
  type: application
  application_extension: .tar.gz
  database_extension: .sql.gz
groups:
  shops: {automatic_backup: true, schedule: Every Day, start_backup_from_now: true}
servers:
  - id: 15
    name: alex-server          # for people
    tags: [production]
    groups: [shops]
    defaults: {provider: gdrive, cloud_storage_provider_id: 11}
    backups:
      - {application_id: 4246, database_id: 4223}
      - {application_id: 4247, type: filesystem, automatic_backup: false}
"""
EXAMPLE_SERVER: dict[str, Any] = {
    "id": 15,
    "name": "alex-server",
    "applications": [
        {"id": 4246, "name": "shop", "database": {"id": 4223, "name": "shop"}},
        {"id": 4247, "name": "blog", "database": None},
    ],
}


def test_ten_servers_of_five_applications_end_verified_once_each_in_95_requests(
    fleet_backup: FleetBackup, start_stranger: StartStranger, prefect_server: PrefectServer
) -> None:
    fleet = servers(10, 5)
    file = fleet_file(fleet)
    for row in file["servers"]:
        row["backups"][3]["type"] = "filesystem"
        row["backups"][4]["type"] = "database"
        del row["backups"][3]["database_id"]
    stranger = start_stranger(world(fleet, older=12))
    runs_before = {row["id"] for row in prefect_server.rows("flow_runs")}

    ended = fleet_backup.run("run", "FLEET", "--json", "--run-key", "tuesday", fleet=file, stranger=stranger)

    assert ended.exit_code == 0, ended.stderr
    assert ended.report == json.loads(ended.stdout)
    assert_keeps_the_contract(ended.report or {})
    truth = stranger.truth()
    assert Counter(ended.outcomes().values()) == {"verified": 50}
    assert Counter(truth["backups_by_target"].values()) == {1: 50}
    assert len(truth["requests"]) <= 95, truth["requests_by_call"]
    assert (ended.report or {})["requests"]["total"] == len(truth["requests"])
    assert (ended.report or {})["run_key"] == "tuesday"
    assert_the_wire_was_right(truth)
    ids = {row["body"]["application_id"]: row["id"] for row in truth["backups"]}
    for target in ended.targets:
        assert target["backup_id"] == ids[target["application_id"]]
        assert target["attempts"] == 1
        assert target["server"] == f"web-{target['server_id']}"
    assert_prefect_tells_it(prefect_server, runs_before)


def assert_the_wire_was_right(truth: dict[str, Any]) -> None:
    """Every body passed the seed's rules, and nothing undocumented was called."""
    assert truth["violations"] == []
    assert truth["unknown_fields"] == {}
    assert not [row for row in truth["requests"] if row["token_leaked"] or row["call"] == "not documented"]
    assert {row["status"] for row in truth["requests"]} == {200}
    for row in truth["backups"]:
        body = row["body"]
        asked = {"database": 2, "application": 3, "filesystem": 1}[body["type"]]
        parts = [f for f in ("application_extension", "database_extension", "database_id") if body.get(f)]
        assert len(parts) >= asked, body
        assert isinstance(row["name"], str), "an instant backup carries its key in its name"
    assert len({row["name"] for row in truth["backups"]}) == len(truth["backups"])


def assert_prefect_tells_it(prefect: PrefectServer, runs_before: set[str]) -> None:
    """One flow run that says it in words, a task run per target named for people, and its artifacts."""
    (run,) = [row for row in prefect.rows("flow_runs") if row["id"] not in runs_before]
    assert run["state"]["type"] == "COMPLETED"
    assert "50 verified" in run["state"]["message"]
    mine = {"flow_runs": {"id": {"any_": [run["id"]]}}}

    expected = {f"web-{101 + turn} · shop-{number}" for turn in range(10) for number in range(1, 6)}

    def recorded() -> bool:
        # what follows the name may tell the type of a backup
        names = {row["name"].split(" (")[0] for row in prefect.rows("task_runs", **mine)}
        return expected <= names

    wait_until(recorded, f"task runs of these names: {sorted(expected)[:3]} ...", seconds=60)
    kinds = {row["type"] for row in prefect.rows("artifacts", **mine)}
    assert {"table", "markdown"} <= kinds


def test_the_contracts_example_makes_one_plan_and_one_instant_backup(
    fleet_backup: FleetBackup, start_stranger: StartStranger
) -> None:
    stranger = start_stranger(world([EXAMPLE_SERVER], order="oldest", older=3))

    ended = fleet_backup.run("run", "FLEET", fleet=EXAMPLE, stranger=stranger)

    assert ended.exit_code == 0, ended.stderr
    assert ended.stdout == "", "people's text goes to standard error"
    assert ended.outcomes() == {4246: "verified", 4247: "verified"}
    truth = stranger.truth()
    (plan,) = truth["plans"]
    assert plan["body"] == {
        "provider": "gdrive",
        "cloud_storage_provider_id": 11,
        "automatic_backup": True,
        "type": "application",
        "application_id": 4246,
        "database_id": 4223,
        "schedule": "Every Day",
        "start_backup_from_now": True,
        "application_extension": ".tar.gz",
        "database_extension": ".sql.gz",
    }
    (instant,) = [row["body"] for row in truth["backups"] if not row["body"]["automatic_backup"]]
    assert instant.pop("name")
    wanted = {
        "provider": "gdrive",
        "cloud_storage_provider_id": 11,
        "automatic_backup": False,
        "type": "filesystem",
        "application_id": 4247,
        "application_extension": ".tar.gz",
    }
    inherited = {"schedule": "Every Day", "start_backup_from_now": True, "database_extension": ".sql.gz"}
    assert wanted.items() <= instant.items() <= (wanted | inherited).items()


def test_a_plan_that_starts_later_is_created_and_no_verify_leaves_it_at_that(
    fleet_backup: FleetBackup, start_stranger: StartStranger
) -> None:
    fleet = [server(101, 2)]
    later = {"automatic_backup": True, "schedule": "Twice a Month", "start_backup_from_now": False}
    kept = {"provider": "serveravatar", "cloud_storage_provider_id": 12, "retention_period": "24 Months"}
    first, second = (backup_of(row) for row in fleet[0]["applications"])
    plan = {**first, **later, **kept, "start_backup": "2099-07-13 17:49"}
    file = {"organization": 5, "defaults": DEFAULTS, "servers": [{"id": 101, "backups": [plan, second]}]}
    config = world(fleet, ends={"10102": "never"})
    config["providers"].append({"id": 12, "provider": "serveravatar"})
    stranger = start_stranger(config)

    ended = fleet_backup.run("run", "FLEET", "--no-verify", fleet=file, stranger=stranger)

    assert ended.exit_code == 0, ended.stderr
    assert ended.outcomes() == {10101: "created", 10102: "created"}
    (made,) = stranger.truth()["plans"]
    assert made["body"]["start_backup"] == "2099-07-13 17:49"
    assert made["body"]["retention_period"] == "24 Months"
    assert "name" not in made["body"]


def test_it_needs_no_prefect_server_and_leaves_nothing_running(
    fleet_backup: FleetBackup, start_stranger: StartStranger
) -> None:
    fleet = [server(101, 2)]
    stranger = start_stranger(world(fleet))

    ended = fleet_backup.run("run", "FLEET", fleet=fleet_file(fleet), stranger=stranger, own_prefect=True)

    assert ended.exit_code == 0, ended.stderr
    assert ended.stdout == ""
    assert ended.outcomes() == {10101: "verified", 10102: "verified"}
    for noise in ("INFO", "WARNING", "uvicorn", "Alembic", "alembic"):
        assert noise not in ended.stderr
    (database,) = (ended.home / "prefect").rglob("*.db")
    with closing(sqlite3.connect(database)) as connection:
        runs = connection.execute("select state_type from flow_run").fetchall()
        done = connection.execute("select name from task_run where state_type = 'COMPLETED'").fetchall()
    connection.close()
    assert runs == [("COMPLETED",)]
    assert {"web-101 · shop-1", "web-101 · shop-2"} <= {name for (name,) in done}


def test_a_server_of_another_organization_and_a_bare_application(
    fleet_backup: FleetBackup, start_stranger: StartStranger
) -> None:
    bare = {
        "id": 201,
        "name": "other",
        "organization": 6,
        "applications": [application(201, 1, with_database=False)],
    }
    fleet = [server(101), bare]
    file = fleet_file(fleet)
    file["servers"][1] |= {"organization": 6}
    stranger = start_stranger(world(fleet, organizations=[5, 6]))

    ended = fleet_backup.run("run", "FLEET", fleet=file, stranger=stranger)

    assert ended.exit_code == 0, ended.stderr
    assert {(target["organization"], target["outcome"]) for target in ended.targets} == {
        (5, "verified"),
        (6, "verified"),
    }
    assert len(stranger.truth()["backups"]) == 2
