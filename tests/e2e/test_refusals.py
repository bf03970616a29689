"""What cannot be done is refused with its reason, costs no create, and stops nothing else."""

import secrets
from collections import Counter
from typing import Any

import pytest

from tests.e2e.conftest import StartStranger
from tests.e2e.fleets import fleet_file, server, servers, world
from tests.e2e.processes import FleetBackup, PrefectServer
from tests.e2e.report_contract import assert_keeps_the_contract

HEALTHY = [10101, 10102, 10103, 10201]
# application id of the fleet file -> what its reason must speak of
UNMET = {
    10301: "disk",  # the list says 99 %
    10401: "disk",  # the usage call says 99.5 %, the list has no log
    10601: "connected",  # the agent is dead
    77001: "application",  # no such application
    10202: "application",  # an application of another server
    10104: "provider",  # no such storage provider
    10105: "provider",  # the provider of this id is another's
    10106: "database",  # no such database
    10107: "database",  # a database backup that names none
    88001: "server",  # no such server
    99001: "organization",  # no such organization
}
REJECTED = {10501: "enough disk space"}  # nothing told, the API refuses it


def sick_fleet() -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """A fleet with one of every trouble, and the fleet file that runs into all of them."""
    fleet = [server(101, 7), server(102, 2), server(103, state="full"), server(104, state="full_unlogged")]
    fleet += [server(105, state="full_unseen"), server(106, state="dead")]
    file = fleet_file(fleet, groups={"sick": {}, "well": {}})
    for row in file["servers"]:
        row["groups"] = ["well"] if row["id"] in (101, 102) else ["sick"]
    first, second = file["servers"][:2]
    foreign = second["backups"].pop()
    first["backups"][3] |= {"cloud_storage_provider_id": 404}
    first["backups"][4] |= {"provider": "gdrive"}
    first["backups"][5] |= {"database_id": 10251}
    first["backups"][6] |= {"type": "database"}
    del first["backups"][6]["database_id"]
    first["backups"] += [{"application_id": 77001}, foreign]
    file["servers"] += [{"id": 880, "backups": [{"application_id": 88001}]}]
    file["servers"] += [{"id": 990, "organization": 99, "backups": [{"application_id": 99001}]}]
    return fleet, file


def test_each_trouble_is_refused_with_its_reason_and_the_rest_is_verified(
    fleet_backup: FleetBackup, start_stranger: StartStranger, prefect_server: PrefectServer
) -> None:
    fleet, file = sick_fleet()
    stranger = start_stranger(world(fleet))
    runs_before = {row["id"] for row in prefect_server.rows("flow_runs")}

    ended = fleet_backup.run("run", "FLEET", fleet=file, stranger=stranger)

    assert ended.exit_code == 3, ended.stderr
    assert_keeps_the_contract(ended.report or {})
    expected = dict.fromkeys(HEALTHY, "verified") | dict.fromkeys(UNMET, "unmet")
    assert ended.outcomes() == expected | dict.fromkeys(REJECTED, "rejected")
    reasons = {target["application_id"]: target["reason"] or "" for target in ended.targets}
    for application_id, word in (UNMET | REJECTED).items():
        assert word in reasons[application_id].lower(), reasons[application_id]
    truth = stranger.truth()
    sent = Counter(row["body"]["application_id"] for row in truth["requests"] if row["method"] == "POST")
    assert sent == dict.fromkeys([*HEALTHY, *REJECTED], 1), "an unmet target costs no create, none is retried"
    (run,) = [row for row in prefect_server.rows("flow_runs") if row["id"] not in runs_before]
    assert "4 verified" in run["state"]["message"]
    assert "11 unmet" in run["state"]["message"]


def test_when_nothing_could_be_started_the_exit_code_is_4_and_check_says_the_same_for_free(
    fleet_backup: FleetBackup, start_stranger: StartStranger
) -> None:
    fleet, file = sick_fleet()
    stranger = start_stranger(world(fleet))
    running = fleet_backup.start("run", "FLEET", "--limit", "group:sick", fleet=file, stranger=stranger)
    checked = fleet_backup.run("check", "FLEET", fleet=file, stranger=stranger)
    ended = running.end()

    assert ended.exit_code == 4, ended.stderr
    assert set(ended.outcomes()) == {10301, 10401, 10501, 10601}
    assert not set(ended.outcomes().values()) - {"unmet", "rejected"}
    assert checked.exit_code == 3, checked.stderr
    for place in ("web-103", "web-104", "web-106", "77001", "404"):
        assert place in checked.stderr + checked.stdout
    truth = stranger.truth()
    assert {row["body"]["application_id"] for row in truth["requests"] if row["method"] == "POST"} <= {10501}


@pytest.mark.parametrize("command", ["run", "check"])
def test_a_wrong_token_costs_six_requests_at_most_for_any_fleet(
    fleet_backup: FleetBackup, start_stranger: StartStranger, command: str
) -> None:
    fleet = servers(60, 1)
    stranger = start_stranger(world(fleet))
    wrong = {"SERVERAVATAR_API_TOKEN": f"wrong-{secrets.token_hex(16)}"}

    ended = fleet_backup.run(command, "FLEET", fleet=fleet_file(fleet), stranger=stranger, environment=wrong)

    assert ended.exit_code == 6, ended.stderr
    assert "token" in ended.stderr.lower()
    truth = stranger.truth()
    assert 1 <= len(truth["requests"]) <= 6
    assert {row["status"] for row in truth["requests"]} == {401}
    assert truth["backups"] == []


def test_a_token_that_is_revoked_under_way_stops_the_run_at_once(
    fleet_backup: FleetBackup, start_stranger: StartStranger
) -> None:
    fleet = servers(4, 5)
    stranger = start_stranger(world(fleet, revoke_after_creates=5, create_seconds=0.1))

    ended = fleet_backup.run("run", "FLEET", "--concurrency", "2", fleet=fleet_file(fleet), stranger=stranger)

    assert ended.exit_code == 6, ended.stderr
    truth = stranger.truth()
    refused = [row for row in truth["requests"] if row["status"] == 401]
    assert 1 <= len(refused) <= 6, "no request is spent on the rest of the fleet"
    assert len(truth["backups"]) == 5
    assert len(ended.targets) == 20
    assert Counter(ended.outcomes().values())["not_tried"] >= 13


def test_an_api_that_is_not_there_is_exit_code_6(fleet_backup: FleetBackup, start_stranger: StartStranger) -> None:
    fleet = servers(1, 1)
    stranger = start_stranger(world(fleet))
    nobody = {"SERVERAVATAR_API_URL": "http://127.0.0.1:1"}

    ended = fleet_backup.run("run", "FLEET", fleet=fleet_file(fleet), stranger=stranger, environment=nobody)

    assert ended.exit_code == 6, ended.stderr
    assert "127.0.0.1:1" in ended.stderr
