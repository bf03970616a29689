"""Never twice, never lost: under faults, kills and rivals, one run key makes each backup once."""

import json
import random
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import StartStranger
from tests.e2e.fleets import LATER, fleet_file, servers, with_defaults, world
from tests.e2e.processes import FleetBackup, Options, Running, StrangerProcess, wait_until
from tests.e2e.report_contract import assert_keeps_the_contract

FAULTS = {"500_before": 0.12, "500_after": 0.12, "cut_after": 0.06}


def wait_for_creates(stranger: StrangerProcess, running: Running, count: int) -> None:
    """Wait until the stranger has had so many creates in all."""
    wait_until(lambda: stranger.creates() >= count or running.process.poll() is not None, f"{count} creates")
    assert running.process.poll() is None, f"it ended before {count} creates: {running.end().stderr}"


def writes(truth: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for row in truth["requests"] if row["method"] != "GET"]


def assert_each_once(truth: dict[str, Any], kind: str, count: int) -> None:
    """So many were made, none twice."""
    made = truth[f"{kind}_by_target"]
    assert {target: times for target, times in made.items() if times != 1} == {}
    assert len(made) == count


@pytest.mark.long
def test_200_instant_backups_under_faults_and_four_kills_exist_once_each(
    fleet_backup: FleetBackup, start_stranger: StartStranger
) -> None:
    fleet = servers(20, 10)
    late = {"order": "shuffled", "appear_after_seconds": 0.1, "clock_offset_seconds": -240.0}
    stranger = start_stranger(world(fleet, faults=FAULTS, older=60, create_seconds=0.05, **late))
    home = fleet_backup.folder / "home"
    moments = random.Random(200)  # noqa: S311 - repeatable
    line = ("run", "FLEET", "--run-key", "night")
    options: Options = {"fleet": fleet_file(fleet), "stranger": stranger, "home": home}

    for point in ("", "after-intent:25", "", "after-answer:20"):
        dying: Options = {**options, "environment": {"FLEET_BACKUP_DIE_AT": point}}
        running = fleet_backup.start(*line, **dying)
        if not point:
            wait_for_creates(stranger, running, stranger.creates() + moments.randint(1, 40))
            running.kill()
        assert running.process.wait(300) == -signal.SIGKILL, "the scenario is as it was meant"
    ended = fleet_backup.run(*line, **options)

    truth = stranger.truth()
    assert set(truth["faults"]) == set(FAULTS), "the scenario is as it was meant"
    assert_each_once(truth, "backups", 200)
    assert ended.exit_code == 0, ended.stderr
    assert_keeps_the_contract(ended.report or {})
    assert (ended.report or {})["run_key"] == "night"
    assert len(ended.targets) == 200
    assert set(ended.outcomes().values()) <= {"verified", "adopted"}
    ids = {row["body"]["application_id"]: row["id"] for row in truth["backups"]}
    assert {target["application_id"]: target["backup_id"] for target in ended.targets} == ids
    resent = len(writes(truth)) - 200
    assert resent <= truth["faults"].count("500_before") + 4 * 10, "what is there is not sent again"

    again = fleet_backup.run(*line, **options)

    assert again.exit_code == 0, again.stderr
    assert len(writes(stranger.truth())) == len(writes(truth)), "the same key again only reads"
    assert set(again.outcomes().values()) <= {"verified", "adopted"}

    other = ("run", "FLEET", "--run-key", "another night", "--limit", "web-101")
    anew = fleet_backup.run(*other, **options)

    assert anew.exit_code == 0, anew.stderr
    made = Counter(stranger.truth()["backups_by_target"].values())
    assert made == {1: 190, 2: 10}, "another key makes them anew"


def test_20_plans_in_two_runs_under_different_keys_are_20_plans(
    fleet_backup: FleetBackup, start_stranger: StartStranger
) -> None:
    fleet = servers(4, 5)
    file = with_defaults(fleet_file(fleet), **LATER)
    stranger = start_stranger(world(fleet, older=12))
    home = fleet_backup.folder / "home"

    first = fleet_backup.run("run", "FLEET", "--run-key", "one", fleet=file, stranger=stranger, home=home)
    second = fleet_backup.run("run", "FLEET", "--run-key", "two", fleet=file, stranger=stranger, home=home)

    assert [first.exit_code, second.exit_code] == [0, 0], second.stderr
    assert Counter(first.outcomes().values()) == {"created": 20}
    assert Counter(second.outcomes().values()) == {"adopted": 20}
    assert_each_once(stranger.truth(), "plans", 20)
    assert len(writes(stranger.truth())) == 20


def ledger_url(kind: str, folder: Path, request: pytest.FixtureRequest) -> str:
    if kind == "sqlite":
        return f"sqlite:///{folder / 'shared.sqlite'}"
    url: str = request.getfixturevalue("postgresql_url")
    return url


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_two_runners_with_the_same_key_on_one_ledger_make_each_target_once(
    fleet_backup: FleetBackup, start_stranger: StartStranger, request: pytest.FixtureRequest, kind: str
) -> None:
    fleet = servers(6, 10)
    faults = {"500_before": 0.06, "500_after": 0.1, "cut_after": 0.05}
    stranger = start_stranger(world(fleet, faults=faults, older=15, create_seconds=0.1))
    shared = {"FLEET_BACKUP_LEDGER_URL": ledger_url(kind, fleet_backup.folder, request)}
    line = ("run", "FLEET", "--run-key", "night")

    runners = [
        fleet_backup.start(*line, fleet=fleet_file(fleet), stranger=stranger, environment=shared) for _ in range(2)
    ]
    both = [runner.end() for runner in runners]

    assert_each_once(stranger.truth(), "backups", 60)
    for ended in both:
        assert ended.exit_code == 0, ended.stderr
        assert len(ended.targets) == 60
        assert set(ended.outcomes().values()) <= {"verified", "adopted"}
    history = fleet_backup.run("history", "--json", environment=shared, own_prefect=True)
    assert len(json.loads(history.stdout)["entries"]) == 60, "and no token in it, which every test looks for at its end"


@pytest.mark.long
def test_a_runner_takes_over_what_its_killed_rival_leaves(
    fleet_backup: FleetBackup, start_stranger: StartStranger
) -> None:
    fleet = servers(4, 10)
    stranger = start_stranger(world(fleet, older=15, create_seconds=0.5))
    shared = {"FLEET_BACKUP_LEDGER_URL": f"sqlite:///{fleet_backup.folder / 'shared.sqlite'}"}
    line = ("run", "FLEET", "--run-key", "night", "--concurrency", "2")
    options: Options = {"fleet": fleet_file(fleet), "stranger": stranger, "environment": shared}

    doomed = fleet_backup.start(*line, **options)
    wait_for_creates(stranger, doomed, 1)
    heir = fleet_backup.start(*line, **options)
    wait_for_creates(stranger, doomed, 12)
    stranger.change(create_seconds=0.0)
    doomed.kill()
    ended = heir.end()

    assert ended.exit_code == 0, ended.stderr
    assert_each_once(stranger.truth(), "backups", 40)
    assert set(ended.outcomes().values()) <= {"verified", "adopted"}
