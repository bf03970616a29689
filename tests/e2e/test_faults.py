"""What passes is tried again, what is in doubt is looked up first, what ends badly is said."""

from collections import Counter
from typing import Any

from tests.e2e.conftest import StartStranger
from tests.e2e.fleets import fleet_file, server, servers, world
from tests.e2e.processes import FleetBackup, wait_until
from tests.e2e.report_contract import assert_keeps_the_contract


def creates(truth: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for row in truth["requests"] if row["method"] == "POST"]


def test_a_quarter_of_the_creates_failing_in_passing_still_ends_well(
    fleet_backup: FleetBackup, start_stranger: StartStranger
) -> None:
    fleet = servers(4, 6)
    shares = {"500_before": 0.13, "502_before": 0.06, "503_before": 0.06}
    stranger = start_stranger(world(fleet, faults=shares, seed=3, order="shuffled", older=25))

    ended = fleet_backup.run("run", "FLEET", fleet=fleet_file(fleet), stranger=stranger)

    truth = stranger.truth()
    assert set(truth["faults"]) == set(shares), "the scenario is as it was meant"
    assert ended.exit_code == 0, ended.stderr
    assert_keeps_the_contract(ended.report or {})
    assert Counter(ended.outcomes().values()) == {"verified": 24}
    assert Counter(truth["backups_by_target"].values()) == {1: 24}
    assert len(creates(truth)) == 24 + len(truth["faults"])
    attempts = {str(target["application_id"]): target["attempts"] for target in ended.targets}
    assert attempts == {key.split("/")[3]: count for key, count in truth["creates_by_target"].items()}


def test_a_create_that_was_done_before_it_failed_is_adopted_and_never_sent_again(
    fleet_backup: FleetBackup, start_stranger: StartStranger
) -> None:
    fleet = servers(3, 4)
    shares = {"500_after": 0.3, "cut_after": 0.2}
    stranger = start_stranger(world(fleet, faults=shares, order="oldest", older=15))

    ended = fleet_backup.run("run", "FLEET", fleet=fleet_file(fleet), stranger=stranger)

    truth = stranger.truth()
    assert set(truth["faults"]) == set(shares), "the scenario is as it was meant"
    assert ended.exit_code == 0, ended.stderr
    assert Counter(truth["backups_by_target"].values()) == {1: 12}
    assert len(creates(truth)) == 12, "in doubt: look, do not send again"
    outcomes = Counter(ended.outcomes().values())
    assert set(outcomes) == {"verified", "adopted"}
    assert outcomes["adopted"] == len(truth["faults"])
    ids = {row["body"]["application_id"]: row["id"] for row in truth["backups"]}
    assert {target["application_id"]: target["backup_id"] for target in ended.targets} == ids


def test_a_full_window_is_waited_for_and_is_no_failed_attempt_and_concurrency_is_kept(
    fleet_backup: FleetBackup, start_stranger: StartStranger
) -> None:
    fleet = servers(2, 7)
    limit = {"limit": 8, "window_seconds": 2.0, "headers": "retry-after"}
    stranger = start_stranger(world(fleet, rate_limit=limit, create_seconds=0.1, answer_seconds=0.02))

    ended = fleet_backup.run("run", "FLEET", "--concurrency", "3", fleet=fleet_file(fleet), stranger=stranger)

    truth = stranger.truth()
    assert 429 in {row["status"] for row in truth["requests"]}, "the scenario is as it was meant"
    assert ended.exit_code == 0, ended.stderr
    assert Counter(ended.outcomes().values()) == {"verified": 14}
    assert {target["attempts"] for target in ended.targets} == {1}
    assert Counter(truth["backups_by_target"].values()) == {1: 14}
    assert truth["most_in_flight"] <= 3


def test_backups_that_fail_stay_empty_or_never_end_are_unverified(
    fleet_backup: FleetBackup, start_stranger: StartStranger
) -> None:
    fleet = [server(101, 4)]
    ends = {"10101": "failed", "10102": "empty", "10103": "never"}
    stranger = start_stranger(world(fleet, ends=ends, older=9))

    ended = fleet_backup.run("run", "FLEET", "--verify-timeout", "15", fleet=fleet_file(fleet), stranger=stranger)

    assert ended.exit_code == 3, ended.stderr
    unverified = dict.fromkeys([10101, 10102, 10103], "unverified")
    assert ended.outcomes() == {**unverified, 10104: "verified"}
    assert all(target["reason"] for target in ended.targets if target["outcome"] == "unverified")
    assert len(creates(stranger.truth())) == 4


def test_interrupting_a_run_under_way_ends_it_with_130(
    fleet_backup: FleetBackup, start_stranger: StartStranger
) -> None:
    fleet = servers(2, 4)
    stranger = start_stranger(world(fleet, create_seconds=60.0))
    running = fleet_backup.start("run", "FLEET", fleet=fleet_file(fleet), stranger=stranger)
    wait_until(lambda: bool(creates(stranger.truth())) or running.process.poll() is not None, "a create")

    running.interrupt()
    ended = running.end()

    assert ended.exit_code == 130, ended.stderr
    assert ended.report or not running.report.exists(), "an empty file is no report"
