"""The brakes: a run that goes wrong stops sending; what was left can be run again."""

import shutil
from collections import Counter, defaultdict

from tests.e2e.conftest import StartStranger
from tests.e2e.fleets import fleet_file, server, servers, world
from tests.e2e.processes import Ended, FleetBackup, Options
from tests.e2e.report_contract import assert_keeps_the_contract


def test_max_failures_stops_sending_and_a_share_that_is_not_exceeded_does_not(
    fleet_backup: FleetBackup, start_stranger: StartStranger
) -> None:
    states = ["full_unseen", "ok"] * 10
    fleet = [server(101 + turn, 2, state=state) for turn, state in enumerate(states)]
    stranger = start_stranger(world(fleet))
    line = ("run", "FLEET", "--concurrency", "1", "--max-failures")

    stopped = fleet_backup.run(*line, "10%", fleet=fleet_file(fleet), stranger=stranger)

    assert stopped.exit_code == 3, stopped.stderr
    assert_keeps_the_contract(stopped.report or {})
    outcomes = Counter(stopped.outcomes().values())
    assert set(outcomes) == {"verified", "rejected", "not_tried"}
    assert 5 <= outcomes["rejected"] <= 10, "more than 10 % of 40, and a sample before it is believed"
    assert stranger.creates() == 40 - outcomes["not_tried"]
    assert all("10" in row["reason"] for row in stopped.targets if row["outcome"] == "not_tried")

    sent = stranger.creates()
    all_sent = fleet_backup.run(*line, "50%", fleet=fleet_file(fleet), stranger=stranger)

    assert Counter(all_sent.outcomes().values()) == {"verified": 20, "rejected": 20}
    assert stranger.creates() == sent + 40


def outcomes_by_server(ended: Ended) -> dict[int, Counter[str]]:
    counted: dict[int, Counter[str]] = defaultdict(Counter)
    for target in ended.targets:
        counted[target["server_id"]][target["outcome"]] += 1
    return counted


def test_a_server_that_refuses_again_and_again_is_left_alone_and_stops_no_other(
    fleet_backup: FleetBackup, start_stranger: StartStranger
) -> None:
    fleet = [server(101, 20, state="full_unseen"), *(server(102 + turn, 4) for turn in range(5))]
    stranger = start_stranger(world(fleet, create_seconds=0.2))

    ended = fleet_backup.run("run", "FLEET", "--concurrency", "3", fleet=fleet_file(fleet), stranger=stranger)

    assert ended.exit_code == 3, ended.stderr
    outcomes = outcomes_by_server(ended)
    reasons = {row["reason"] for row in ended.targets if row["outcome"] == "not_tried"}
    assert {row["id"]: outcomes[row["id"]] for row in fleet[1:]} == {
        102 + turn: {"verified": 4} for turn in range(5)
    }, f"they have the same storage provider and nothing wrong: {reasons}"
    assert 2 <= outcomes[101]["rejected"] < 20
    assert outcomes[101]["not_tried"] == 20 - outcomes[101]["rejected"]
    assert stranger.creates() == 20 + outcomes[101]["rejected"]
    assert all("server" in reason for reason in reasons)


def test_a_provider_that_refuses_again_and_again_is_left_alone_and_stops_no_other(
    fleet_backup: FleetBackup, start_stranger: StartStranger
) -> None:
    fleet = [server(101, 4), *(server(102 + turn, 1) for turn in range(40))]
    file = fleet_file(fleet)
    for row in file["servers"][1:]:
        row["defaults"] = {"provider": "gdrive", "cloud_storage_provider_id": 11}
    stranger = start_stranger(world(fleet, refusing_providers=[11], create_seconds=0.1))

    ended = fleet_backup.run("run", "FLEET", fleet=file, stranger=stranger)

    assert ended.exit_code == 3, ended.stderr
    outcomes = outcomes_by_server(ended)
    assert outcomes.pop(101) == {"verified": 4}
    refused = sum(outcomes.values(), Counter[str]())
    assert 2 <= refused["rejected"] < 40
    assert refused["not_tried"] == 40 - refused["rejected"]
    assert stranger.creates() == 4 + refused["rejected"]
    assert all("provider" in row["reason"] for row in ended.targets if row["outcome"] == "not_tried")


def test_failed_from_runs_what_did_not_end_well_of_a_report_and_of_the_last_run(
    fleet_backup: FleetBackup, start_stranger: StartStranger
) -> None:
    fleet = [server(101, 2), server(102, 2, state="full_unseen"), server(103, 2, state="dead")]
    stranger = start_stranger(world(fleet))
    options: Options = {"fleet": fleet_file(fleet), "stranger": stranger, "home": fleet_backup.folder / "home"}
    first = fleet_backup.run("run", "FLEET", "--run-key", "night", **options)
    assert first.exit_code == 3, first.stderr
    report = fleet_backup.folder / "first.json"
    shutil.copy(first.home / "work" / "report.json", report)
    stranger.change(states={102: "ok"})

    second = fleet_backup.run("run", "FLEET", "--failed-from", str(report), **options)

    assert {target["server_id"] for target in second.targets} == {102, 103}
    assert set(second.outcomes().values()) == {"verified", "unmet"}
    assert (second.report or {})["run_key"] == "night", "it continues that run"
    stranger.change(states={103: "ok"})
    third = fleet_backup.run("run", "FLEET", "--failed-from", "last", **options)
    assert third.exit_code == 0, third.stderr
    assert {target["server_id"] for target in third.targets} == {103}
    assert Counter(stranger.truth()["backups_by_target"].values()) == {1: 6}


def test_failed_from_nothing_is_refused_before_any_request(
    fleet_backup: FleetBackup, start_stranger: StartStranger
) -> None:
    fleet = servers(1, 1)
    stranger = start_stranger(world(fleet))
    for place in ("no-such-report.json", "last"):
        ended = fleet_backup.run(
            "run", "FLEET", "--failed-from", place, fleet=fleet_file(fleet), stranger=stranger, own_prefect=True
        )
        assert ended.exit_code == 2, ended.stderr
        assert "--failed-from" in ended.stderr
    assert stranger.truth()["requests"] == []
