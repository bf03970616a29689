"""In doubt: what the list can prove is adopted, what it cannot is said, and nothing is sent blindly."""

from collections import Counter
from typing import Any

import pytest

from tests.e2e.conftest import StartStranger
from tests.e2e.fleets import AT_ONCE, LATER, Row, fleet_file, server, servers, with_defaults, world
from tests.e2e.processes import FleetBackup, Options, StrangerProcess

ALWAYS_AFTER: Row = {"faults": {"500_after": 1.0}, "faults_in_a_row": 1000}
ALWAYS_BEFORE: Row = {"faults": {"500_before": 1.0}, "faults_in_a_row": 1000}


def reads_of_the_list(stranger: StrangerProcess) -> int:
    calls: dict[str, int] = stranger.truth()["requests_by_call"]
    return calls["GET /organizations/{organization}/backups"]


def plans(truth: dict[str, Any]) -> list[int]:
    return sorted(truth["plans_by_target"].values())


@pytest.mark.parametrize("order", ["newest", "shuffled"])
def test_instant_backups_whose_every_create_fails_after_the_work_are_adopted_with_no_second_create(
    fleet_backup: FleetBackup, start_stranger: StartStranger, order: str
) -> None:
    fleet = servers(4, 10)
    stranger = start_stranger(world(fleet, older=25, order=order, **ALWAYS_AFTER))

    ended = fleet_backup.run("run", "FLEET", "--no-verify", fleet=fleet_file(fleet), stranger=stranger)

    truth = stranger.truth()
    assert ended.exit_code == 0, ended.stderr
    assert Counter(ended.outcomes().values()) == {"adopted": 40}
    assert stranger.creates() == 40
    assert Counter(truth["backups_by_target"].values()) == {1: 40}
    ids = {row["body"]["application_id"]: row["id"] for row in truth["backups"]}
    assert {target["application_id"]: target["backup_id"] for target in ended.targets} == ids
    assert reads_of_the_list(stranger) < 40, "looked up once for many targets, not once each"


def test_plans_in_doubt_are_not_sent_twice_and_resolved_when_their_first_backup_is_seen(
    fleet_backup: FleetBackup, start_stranger: StartStranger
) -> None:
    fleet = servers(2, 3)
    file = with_defaults(fleet_file(fleet), **LATER)
    file["servers"][0]["backups"] = [{**row, **AT_ONCE} for row in file["servers"][0]["backups"]]
    stranger = start_stranger(world(fleet, older=15, **ALWAYS_AFTER))
    home = fleet_backup.folder / "home"
    options: Options = {"fleet": file, "stranger": stranger, "home": home}

    first = fleet_backup.run("run", "FLEET", **options)

    assert first.exit_code == 5, first.stderr
    outcomes = first.outcomes()
    assert {outcomes[number] for number in (10101, 10102, 10103)} == {"adopted"}, "their backups are in the list"
    assert {outcomes[number] for number in (10201, 10202, 10203)} == {"in_doubt"}
    assert all("resend plans" in row["reason"] for row in first.targets if row["outcome"] == "in_doubt")
    assert plans(stranger.truth()) == [1] * 6

    waiting = fleet_backup.run("run", "FLEET", **options)

    assert waiting.exit_code == 5, "nothing has shown yet"
    assert stranger.creates() == 6

    stranger.change(run_plans=True)
    resolved = fleet_backup.run("run", "FLEET", **options)

    assert resolved.exit_code == 0, resolved.stderr
    assert set(resolved.outcomes().values()) <= {"adopted", "verified"}
    assert stranger.creates() == 6
    assert plans(stranger.truth()) == [1] * 6


def test_resend_plans_sends_again_what_is_in_doubt_and_nothing_else(
    fleet_backup: FleetBackup, start_stranger: StartStranger
) -> None:
    fleet = [server(101, 3)]
    file = with_defaults(fleet_file(fleet), **LATER)
    stranger = start_stranger(world(fleet))
    home = fleet_backup.folder / "home"
    made = fleet_backup.run("run", "FLEET", fleet={**file, "servers": [only(file, 0)]}, stranger=stranger, home=home)
    assert made.exit_code == 0, made.stderr
    stranger.change(**ALWAYS_BEFORE)
    doubtful = fleet_backup.run("run", "FLEET", fleet=file, stranger=stranger, home=home)
    assert Counter(doubtful.outcomes().values()) == {"adopted": 1, "in_doubt": 2}, doubtful.stderr
    assert stranger.creates() == 3, "a plan in doubt is sent once"
    stranger.change(faults={})

    resent = fleet_backup.run("run", "FLEET", "--resend-plans", "all", fleet=file, stranger=stranger, home=home)

    assert resent.exit_code == 0, resent.stderr
    assert stranger.creates() == 5
    assert plans(stranger.truth()) == [1, 1, 1]


def only(file: dict[str, Any], backup: int) -> dict[str, Any]:
    """The first server of a fleet file with one of its backups."""
    first: dict[str, Any] = file["servers"][0]
    return {**first, "backups": [first["backups"][backup]]}


@pytest.mark.parametrize(("order", "older_plans"), [("newest", [10101]), ("oldest", [])])
def test_another_plan_of_the_same_application_is_not_taken_for_the_one_in_doubt(
    fleet_backup: FleetBackup, start_stranger: StartStranger, order: str, older_plans: list[int]
) -> None:
    fleet = [server(101, 2)]
    file = with_defaults(fleet_file(fleet), **LATER)
    stranger = start_stranger(world(fleet, older=25, older_plans=older_plans, order=order, **ALWAYS_BEFORE))
    home = fleet_backup.folder / "home"

    first = fleet_backup.run("run", "FLEET", fleet=file, stranger=stranger, home=home)
    assert first.outcomes() == {10101: "in_doubt", 10102: "in_doubt"}, "there are backups, but of no new plan"
    stranger.change(run_plans=True)
    second = fleet_backup.run("run", "FLEET", fleet=file, stranger=stranger, home=home)

    assert stranger.truth()["plans"] == [], "the scenario is as it was meant: nothing was made"
    assert second.outcomes() == {10101: "in_doubt", 10102: "in_doubt"}, "an old plan's backup proves nothing"
    assert second.exit_code == 5


def test_a_plan_that_differs_is_drift_and_update_plans_changes_it(
    fleet_backup: FleetBackup, start_stranger: StartStranger
) -> None:
    fleet = [server(101, 2)]
    daily = with_defaults(fleet_file(fleet), **AT_ONCE)
    weekly = with_defaults(daily, schedule="Every Week")
    stranger = start_stranger(world(fleet, older=5))
    home = fleet_backup.folder / "home"
    assert fleet_backup.run("run", "FLEET", fleet=daily, stranger=stranger, home=home).exit_code == 0

    drifted = fleet_backup.run("run", "FLEET", fleet=weekly, stranger=stranger, home=home)

    for target in drifted.targets:
        assert "Every Day" in target["reason"]
        assert "Every Week" in target["reason"]
    assert stranger.truth()["updates"] == []
    updated = fleet_backup.run("run", "FLEET", "--update-plans", fleet=weekly, stranger=stranger, home=home)
    assert updated.exit_code == 0, updated.stderr
    truth = stranger.truth()
    assert {row["body"]["schedule"] for row in truth["plans"]} == {"Every Week"}
    assert len(truth["updates"]) == 2
    again = fleet_backup.run("run", "FLEET", "--update-plans", fleet=weekly, stranger=stranger, home=home)
    assert again.exit_code == 0, again.stderr
    assert len(stranger.truth()["updates"]) == 2, "what agrees is left alone"
    assert stranger.creates() == 2


def test_a_backup_that_the_list_showed_too_late_is_made_twice_at_most_and_never_silently(
    fleet_backup: FleetBackup, start_stranger: StartStranger
) -> None:
    fleet = servers(1, 5)
    late: Row = {"faults": {"500_after": 1.0}, "faults_in_a_row": 1, "appear_after_seconds": 5.0}
    stranger = start_stranger(world(fleet, older=5, **late))

    ended = fleet_backup.run("run", "FLEET", fleet=fleet_file(fleet), stranger=stranger)

    made = stranger.truth()["backups_by_target"]
    assert ended.exit_code == 3, ended.stderr
    assert set(made.values()) <= {1, 2}, "at most one extra"
    twice = {int(target.split("/")[3]) for target, times in made.items() if times == 2}
    assert twice, "the scenario is as it was meant"
    assert all(target["reason"] for target in ended.targets if target["application_id"] in twice), "never silent"
