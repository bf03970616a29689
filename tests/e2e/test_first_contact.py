"""First contact: an API that differs from its documentation, met by real runs; what was made, its own records tell."""

import random
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.fleets import AT_ONCE, LATER, Row
from tests.e2e.processes import Ended, FleetBackup, Options, Running, end, wait_until
from tests.e2e.report_contract import assert_keeps_the_contract
from tests.e2e.sandboxes import SandboxProcess, of

StartSandbox = Callable[..., SandboxProcess]
AS_THE_PRODUCT_DOES: dict[str, str | None] = {"FLEET_BACKUP_SETTLE_SECONDS": None}
MORE_REQUESTS = 1.1


@pytest.fixture
def start_sandbox(tmp_path: Path) -> Iterator[StartSandbox]:
    """Start sandboxes: so many targets, in these dialects; they end with the test."""
    started: list[SandboxProcess] = []

    def start(targets: int, *dialects: str) -> SandboxProcess:
        started.append(SandboxProcess.start(tmp_path, targets, *dialects))
        return started[-1]

    yield start
    for sandbox in started:
        end(sandbox.process)


def options_for(
    sandbox: SandboxProcess, home: Path, *variants: Row, environment: dict[str, str | None] | None = None
) -> Options:
    """Run against a sandbox, always on the same ledger."""
    return {
        "fleet": sandbox.fleet(*variants),
        "home": home,
        "environment": {**sandbox.environment, **(environment or {})},
    }


def wait_for_more_creates(sandbox: SandboxProcess, running: Running) -> None:
    """Wait until a run sends creates."""
    before = sandbox.creates()
    wait_until(lambda: sandbox.creates() > before or running.process.poll() is not None, "a create")


def assert_never_twice(sandbox: SandboxProcess, count: int, *, automatic: bool = False) -> None:
    """So many exist, none twice."""
    made = sandbox.made(automatic=automatic)
    assert {target: times for target, times in made.items() if times != 1} == {}
    assert len(made) == count


def test_each_dialect_that_tells_enough_is_verified_for_hardly_more_requests(
    fleet_backup: FleetBackup, start_sandbox: StartSandbox
) -> None:
    usual = requests_of_a_run(fleet_backup, start_sandbox, "documented", "named")
    for preset, evidence in {"nameless": "placed", "other-words": "inferred", "oldest-first": "named"}.items():
        assert requests_of_a_run(fleet_backup, start_sandbox, preset, evidence) <= MORE_REQUESTS * usual, preset


def requests_of_a_run(fleet_backup: FleetBackup, start_sandbox: StartSandbox, preset: str, evidence: str) -> int:
    """How many requests it takes to verify 20 backups in a dialect, each by this evidence."""
    sandbox = start_sandbox(20, preset)
    sandbox.fill(20)
    sandbox.requests()

    ended = fleet_backup.run("run", "FLEET", **options_for(sandbox, fleet_backup.folder / preset))

    requests = sandbox.requests()
    assert ended.exit_code == 0, ended.stderr
    assert Counter(ended.outcomes().values()) == {"verified": 20}, preset
    assert_keeps_the_contract(ended.report or {})
    assert {target["evidence"] for target in ended.targets} == {evidence}, preset
    assert all(target["reason"] for target in ended.targets) == (evidence != "named"), "what is not told is told"
    return requests


def test_40_nameless_backups_beside_people_and_plans_under_faults_and_kills(
    fleet_backup: FleetBackup, start_sandbox: StartSandbox
) -> None:
    sandbox = start_sandbox(40, "nameless")
    sandbox.fill(15)
    sandbox.break_creates(
        {"status": 500, "moment": "before", "probability": 0.12},
        {"status": 500, "moment": "after", "probability": 0.12},
        {"kind": "drop", "moment": "after", "probability": 0.06},
    )
    chosen = random.Random(15).sample([row["id"] for row in sandbox.applications], 12)  # noqa: S311 - repeatable
    others = [{"application_id": number} for number in chosen[:6]]
    others += [{"application_id": number, "automatic_backup": True, "schedule": "Every Day"} for number in chosen[6:]]
    line = ("run", "FLEET", "--run-key", "night", "--concurrency", "4")
    options = options_for(sandbox, fleet_backup.folder / "home")

    for number, point in enumerate(("after-intent:6", "after-answer:9")):
        dying: Options = {**options, "environment": {**options["environment"], "FLEET_BACKUP_DIE_AT": point}}
        doomed = fleet_backup.start(*line, **dying)
        wait_for_more_creates(sandbox, doomed)
        sandbox.control("POST", "people", others[number::3])
        assert doomed.process.wait(300) == -signal.SIGKILL, "the scenario is as it was meant"
    sandbox.control("POST", "people", others[2::3])
    ended = fleet_backup.run(*line, **options)

    made, rows = sandbox.made(), sandbox.backups()
    assert sandbox.fired() > 5, "the scenario is as it was meant"
    assert ended.exit_code == 0, ended.stderr
    assert len(of(ended.targets, "verified", "adopted")) == 40
    assert set(made.values()) <= {1}, "what was done is not sent again"
    complete = {row["id"]: row["application_id"] for row in rows if row["status"] == "Completed"}
    reported = [target["backup_id"] for target in ended.targets]
    assert [complete.get(target["backup_id"]) for target in ended.targets] == [
        target["application_id"] for target in ended.targets
    ], "none lost"
    assert len(set(reported)) == 40
    for target in ended.targets:
        assert target["evidence"] == "placed"
        assert "shows no name and may be somebody else's" in target["reason"], "each stand-in is said"
    creates = sandbox.creates()
    again = fleet_backup.run(*line, **options)
    assert again.exit_code == 0, again.stderr
    assert sandbox.creates() == creates


@pytest.mark.parametrize(("names", "plan"), [("documented", AT_ONCE), ("nameless", LATER)])
def test_503_after_the_work_makes_nothing_twice(
    fleet_backup: FleetBackup, start_sandbox: StartSandbox, names: str, plan: Row
) -> None:
    sandbox = start_sandbox(20, names)
    sandbox.break_creates({"status": 503, "moment": "after"})
    options = options_for(sandbox, fleet_backup.folder / "home", {}, plan)

    first = fleet_backup.run("run", "FLEET", "--run-key", "one", **options)

    assert_never_twice(sandbox, 10)
    assert_never_twice(sandbox, 10, automatic=True)
    assert sandbox.creates() == 20
    instant = [target for target in first.targets if not target["automatic_backup"]]
    assert {target["outcome"] for target in instant} == {"adopted"}
    doubtful = of(first.targets, "in_doubt")
    assert len(doubtful) == (0 if plan is AT_ONCE else 10)
    assert all("may show until 2099-07-14" in target["reason"] for target in doubtful), "until when is said"
    assert first.exit_code == (0 if plan is AT_ONCE else 5), first.stderr
    again = fleet_backup.run("run", "FLEET", "--run-key", "one", **options)
    assert again.exit_code == first.exit_code, again.stderr
    assert sandbox.creates() == 20


@pytest.mark.long
def test_503_before_the_work_is_sent_again_once_it_is_proven_absent(
    fleet_backup: FleetBackup, start_sandbox: StartSandbox
) -> None:
    sandbox = start_sandbox(20)
    sandbox.break_creates({"status": 503, "moment": "before", "probability": 0.5})
    options = options_for(sandbox, fleet_backup.folder / "home", {}, AT_ONCE)

    ended = in_two_runs(fleet_backup, options)

    assert ended.exit_code == 0, ended.stderr
    assert sandbox.fired() > 5, "the scenario is as it was meant"
    assert_never_twice(sandbox, 10)
    assert_never_twice(sandbox, 10, automatic=True)


def in_two_runs(fleet_backup: FleetBackup, options: Options) -> Ended:
    """Run under one key, and under another one if the first run did not do all."""
    first = fleet_backup.run("run", "FLEET", "--run-key", "one", **options)
    return first if first.exit_code == 0 else fleet_backup.run("run", "FLEET", "--run-key", "one", **options)


@pytest.mark.long
def test_plans_whose_creates_fail_before_the_work_all_exist_where_first_backups_show(
    fleet_backup: FleetBackup, start_sandbox: StartSandbox
) -> None:
    sandbox = start_sandbox(20)
    sandbox.break_creates({"status": 500, "moment": "before", "probability": 0.5})
    options = options_for(sandbox, fleet_backup.folder / "home", AT_ONCE)

    ended = in_two_runs(fleet_backup, options)

    assert ended.exit_code == 0, ended.stderr
    assert sandbox.fired() > 5, "the scenario is as it was meant"
    assert_never_twice(sandbox, 20, automatic=True)


def test_plans_in_doubt_say_until_when_where_first_backups_never_show(
    fleet_backup: FleetBackup, start_sandbox: StartSandbox
) -> None:
    sandbox = start_sandbox(20, "no-first-backup")
    sandbox.break_creates({"status": 500, "moment": "before", "probability": 0.5})
    options = options_for(sandbox, fleet_backup.folder / "home", AT_ONCE)

    for key in ("one", "two"):
        ended = fleet_backup.run("run", "FLEET", "--run-key", key, **options)

        assert ended.exit_code == 5, ended.stderr
        made = sandbox.made(automatic=True)
        assert set(made.values()) == {1}, "none twice"
        doubtful = of(ended.targets, "in_doubt")
        assert {target["application_id"] for target in doubtful} == {
            row["id"] for row in sandbox.applications if row["id"] not in made
        }
        for target in doubtful:
            assert "may show until" in target["reason"], "until when is said"


@pytest.mark.long
def test_a_list_that_is_late_makes_extras_once_and_tells_each(
    fleet_backup: FleetBackup, start_sandbox: StartSandbox
) -> None:
    sandbox = start_sandbox(20, "shows_after=8")
    sandbox.fill(15)
    sandbox.break_creates({"kind": "drop", "moment": "after", "probability": 0.3})
    options = options_for(sandbox, fleet_backup.folder / "home", environment=AS_THE_PRODUCT_DOES)

    first = fleet_backup.run("run", "FLEET", "--run-key", "one", **options)

    made = sandbox.made()
    twice = {target for target, times in made.items() if times > 1}
    assert set(made.values()) == {1, 2}, "at most one extra a target, and the scenario is as it was meant"
    assert {target["application_id"] for target in first.targets if target["twins"]} == twice, "each extra is told"
    assert all(len(target["twins"]) == 2 for target in first.targets if target["application_id"] in twice)
    assert first.exit_code == 3, first.stderr
    assert len(of(first.targets, "verified", "adopted")) == 20

    second = fleet_backup.run("run", "FLEET", "--run-key", "two", **options)

    assert second.exit_code == 0, second.stderr
    assert sandbox.made() - made == Counter(made.keys()), "no extras once the delay is known"


def test_a_dialect_that_changes_between_two_runs_is_told_and_makes_nothing_twice(
    fleet_backup: FleetBackup, start_sandbox: StartSandbox
) -> None:
    sandbox = start_sandbox(20, "documented")
    options = options_for(sandbox, fleet_backup.folder / "home")
    first = fleet_backup.run("run", "FLEET", "--run-key", "one", **options)
    assert first.exit_code == 0, first.stderr
    assert (first.report or {})["api_changes"] == []

    sandbox.control("PUT", "dialect", "nameless")
    sandbox.break_creates(
        {"status": 500, "moment": "after", "probability": 0.3}, {"status": 500, "moment": "before", "probability": 0.2}
    )
    second = fleet_backup.run("run", "FLEET", "--run-key", "two", **options)

    assert second.exit_code == 0, second.stderr
    assert sandbox.fired() > 5, "the scenario is as it was meant"
    assert set(sandbox.made().values()) == {2}, "one a run"
    said = "no longer shows the names"
    assert any(said in line for line in (second.report or {})["api_changes"])
    assert said in " ".join(second.stderr.split()), "on the terminal, too, however it is wrapped"
    creates = sandbox.creates()
    third = fleet_backup.run("run", "FLEET", "--run-key", "one", **options)
    assert third.exit_code == 0, third.stderr
    assert sandbox.creates() == creates, "what an earlier run has made is known without its name"
