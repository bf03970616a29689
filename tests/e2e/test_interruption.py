"""Interrupted: a run ends within seconds, tells how far it came, and the next one continues it."""

import os
import signal
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

import flows
from tests.e2e.conftest import StartStranger
from tests.e2e.fleets import fleet_file, servers, world
from tests.e2e.processes import FleetBackup, Options, PrefectServer, Running, ask_prefect, wait_until
from tests.e2e.report_contract import assert_keeps_the_contract

ENTRYPOINT = "fleet_backup.py:fleet_backup"


def interrupt(running: Running, way: str) -> None:
    """Ctrl-C reaches the whole foreground group, SIGTERM of a service the process alone."""
    if way == "ctrl-c":
        running.interrupt()
    else:
        os.kill(running.process.pid, signal.SIGTERM)


@pytest.mark.parametrize("way", ["ctrl-c", "sigterm"])
def test_an_interrupted_run_ends_soon_with_a_report_and_the_next_one_continues_it(
    fleet_backup: FleetBackup, start_stranger: StartStranger, way: str
) -> None:
    fleet = servers(4, 10)
    stranger = start_stranger(world(fleet, older=15, create_seconds=0.2))
    line = ("run", "FLEET", "--run-key", "night", "--concurrency", "3")
    options: Options = {"fleet": fleet_file(fleet), "stranger": stranger, "home": fleet_backup.folder / "home"}

    running = fleet_backup.start(*line, **options)
    wait_until(lambda: stranger.creates() >= 8 or running.process.poll() is not None, "creates")
    stranger.change(create_seconds=90.0)
    wait_until(lambda: stranger.hanging(90.0) >= 2 or running.process.poll() is not None, "creates that hang")
    interrupt(running, way)
    running.process.wait(60)  # a bound: the answers would take 90 s
    ended = running.end()

    assert ended.exit_code == 130, ended.stderr
    assert_keeps_the_contract(ended.report or {})
    outcomes = Counter(ended.outcomes().values())
    assert outcomes.total() == 40
    assert set(outcomes) <= {"created", "verified", "adopted", "in_doubt", "not_tried"}
    assert outcomes["in_doubt"] >= 1, "nobody knows what became of those without an answer"
    assert outcomes["not_tried"] >= 1
    assert all(row["reason"] for row in ended.targets if row["outcome"] in ("in_doubt", "not_tried"))

    stranger.change(create_seconds=0.0)
    continued = fleet_backup.run(*line, **options)

    assert continued.exit_code == 0, continued.stderr
    made = stranger.truth()["backups_by_target"]
    assert Counter(made.values()) == {1: 40}
    assert set(continued.outcomes().values()) <= {"verified", "adopted"}


def await_retry(prefect: PrefectServer, flow_run_id: str) -> None:
    """What the UI's Retry does to a run that crashed."""
    for state in ({"type": "CRASHED", "name": "Crashed"}, {"type": "SCHEDULED", "name": "AwaitingRetry"}):
        question = {"state": state, "force": True}
        ask_prefect("POST", f"{prefect.url}/flow_runs/{flow_run_id}/set_state", question)


def test_prefects_retry_its_cancellation_and_a_run_by_hand_continue_the_same_run(
    fleet_backup: FleetBackup, start_stranger: StartStranger, prefect_server: PrefectServer
) -> None:
    """A runner starts a child process for the same flow run, and its cancellation is a SIGTERM to that."""
    fleet = servers(4, 10)
    stranger = start_stranger(world(fleet, create_seconds=0.2))
    options: Options = {"fleet": fleet_file(fleet), "stranger": stranger, "home": fleet_backup.folder / "home"}
    before = {row["id"] for row in prefect_server.rows("flow_runs")}
    killed = fleet_backup.start("run", "FLEET", "--concurrency", "2", **options)
    wait_until(lambda: stranger.creates() >= 7 or killed.process.poll() is not None, "creates")
    killed.kill()
    (run,) = [row for row in prefect_server.rows("flow_runs") if row["id"] not in before]
    place = str(Path(next(iter(flows.__path__))) / ENTRYPOINT)
    python = replace(fleet_backup, program=fleet_backup.program.parent / "python")
    of_the_run: Options = {**options, "environment": {"PREFECT__FLOW_ENTRYPOINT": place}}

    await_retry(prefect_server, run["id"])
    so_far = stranger.creates()
    stranger.change(create_seconds=2.0)  # So that a slow machine ends it before all are sent.
    cancelled = python.start("-m", "prefect.engine", run["id"], **of_the_run)
    wait_until(lambda: stranger.creates() >= so_far + 7 or cancelled.process.poll() is not None, "more creates")
    os.kill(cancelled.process.pid, signal.SIGTERM)
    cancelled.process.wait(60)
    assert stranger.creates() < 40, "the scenario is as it was meant"
    stranger.change(create_seconds=0.0)

    await_retry(prefect_server, run["id"])
    retried = python.run("-m", "prefect.engine", run["id"], **of_the_run)

    assert retried.exit_code == 0, retried.stdout + retried.stderr
    (run,) = prefect_server.rows("flow_runs", flow_runs={"id": {"any_": [run["id"]]}})
    assert run["state"]["type"] == "COMPLETED", run["state"]["message"]
    assert Counter(stranger.truth()["backups_by_target"].values()) == {1: 40}
    sent = stranger.creates()
    by_hand = fleet_backup.run("run", "FLEET", "--run-key", run["id"], **options)
    assert by_hand.exit_code == 0, by_hand.stderr
    assert stranger.creates() == sent


@pytest.mark.long
def test_a_prefect_server_of_our_own_that_dies_takes_neither_backups_nor_verdict(
    fleet_backup: FleetBackup, start_stranger: StartStranger
) -> None:
    fleet = servers(2, 10)
    stranger = start_stranger(world(fleet, create_seconds=0.2))
    options: Options = {"fleet": fleet_file(fleet), "stranger": stranger, "own_prefect": True}
    running = fleet_backup.start("run", "FLEET", "--concurrency", "2", **options)
    wait_until(lambda: stranger.creates() >= 3 or running.process.poll() is not None, "creates")
    (server,) = [child for child in children_of(running.process.pid) if "deployments.server.process" in child[1]]
    os.kill(server[0], signal.SIGKILL)
    ended = running.end()
    assert ended.exit_code == 0, ended.stderr
    assert set(ended.outcomes().values()) == {"verified"}
    assert "warning: the Prefect server does not know how the run ended" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "ERROR" not in ended.stderr
    assert Counter(stranger.truth()["backups_by_target"].values()) == {1: 20}


def children_of(pid: int) -> list[tuple[int, str]]:
    """The children of a process, each with its command line."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text("ascii").split():
            line = Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            found.append((int(child), line))
    return found
