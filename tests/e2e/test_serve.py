"""`fleet-backup serve` is ended while a run is under way: soon, in one line, and nothing is lost or made twice."""

import contextlib
import json
import os
import re
import secrets
import signal
import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Unpack

import pytest

from tests.e2e.conftest import StartStranger
from tests.e2e.fleets import fleet_file, servers, world
from tests.e2e.outage import Outage
from tests.e2e.processes import (
    FleetBackup,
    Options,
    PrefectServer,
    Running,
    ask_prefect,
    processes_at_home,
    wait_until,
)

pytestmark = pytest.mark.long


def declared_in(folder: Path, name: str) -> Path:
    """A `prefect.yaml` of one's own with one deployment, to be started by hand."""
    file = folder / "prefect.yaml"
    limit = {"limit": 1, "collision_strategy": "ENQUEUE"}
    deployment = {"name": name, "entrypoint": "flows/fleet_backup.py:fleet_backup", "concurrency_limit": limit}
    file.write_text(json.dumps({"deployments": [deployment]}), "utf-8")
    return file


def start_run(
    url: str, deployment: str, job_variables: Mapping[str, object] | None = None, **parameters: object
) -> str:
    """What the UI's button does; returns the id of the flow run."""
    found = ask_prefect("GET", f"{url}/deployments/name/fleet_backup/{deployment}")
    button = f"{url}/deployments/{found['id']}/create_flow_run"
    form = {"parameters": parameters, "job_variables": job_variables or {}, "idempotency_key": secrets.token_hex(8)}
    return str(ask_prefect("POST", button, form)["id"])


def state_of(run: str, home: Path, prefect: PrefectServer) -> tuple[str, str]:
    """Type and message of the state of a run: of the database of an own server, which has ended, or of the other."""
    database = home / "prefect" / "prefect.db"
    if not database.exists():
        state = ask_prefect("GET", f"{prefect.url}/flow_runs/{run}")["state"]
        return state["type"], state["message"]
    with contextlib.closing(sqlite3.connect(database)) as connection:
        question = "SELECT type, message FROM flow_run_state WHERE flow_run_id = ? ORDER BY timestamp DESC LIMIT 1"
        kind, message = connection.execute(question, [run]).fetchone()
        return kind, message


def api_of(shown: str) -> str:
    """The URL of the API of the server whose UI `serve` names."""
    found = re.search(r"http://\S+(?=/deployments)", shown)
    assert found, shown
    return f"{found[0]}/api"


@pytest.fixture
def start_serving(fleet_backup: FleetBackup, tmp_path: Path) -> Callable[..., Running]:
    """Start `serve` with one deployment of that name, and wait until its runs can be started."""

    def start(deployment: str, **options: Unpack[Options]) -> Running:
        serving = fleet_backup.start("serve", "FLEET", "--file", str(declared_in(tmp_path, deployment)), **options)
        shown = serving.home / "stderr"
        wait_until(lambda: "The Prefect UI" in shown.read_text() or serving.process.poll() is not None, "serve")
        return serving

    return start


@pytest.mark.parametrize("way", ["ctrl-c", "sigterm"])
def test_serve_that_is_ended_during_a_run_ends_soon_and_the_run_can_be_continued(
    fleet_backup: FleetBackup,
    start_serving: Callable[..., Running],
    start_stranger: StartStranger,
    prefect_server: PrefectServer,
    way: str,
) -> None:
    """Ctrl-C in a terminal, with a Prefect server of its own; SIGTERM of a service that uses another server."""
    fleet = servers(2, 10)
    stranger = start_stranger(world(fleet, create_seconds=0.2))
    options: Options = {"fleet": fleet_file(fleet), "stranger": stranger, "home": fleet_backup.folder / "home"}
    often = {"PREFECT_RUNNER_POLL_FREQUENCY": "1"}
    serving = start_serving(way, **{**options, "own_prefect": way == "ctrl-c", "environment": often})
    run = start_run(api_of((serving.home / "stderr").read_text()), way, run_key="night", concurrency=3)
    wait_until(lambda: stranger.creates() >= 8 or serving.process.poll() is not None, "creates")
    stranger.change(create_seconds=90.0)

    if way == "ctrl-c":
        serving.interrupt()
    else:
        os.kill(serving.process.pid, signal.SIGTERM)
    serving.process.wait(60)  # a bound: the answers would take 90 s
    ended = serving.end()

    assert ended.exit_code == 0, ended.stderr
    *before, last = ended.stderr.splitlines()
    assert before[-1].startswith("The Prefect UI"), ended.stderr
    assert last.startswith("Ended. "), ended.stderr
    assert processes_at_home(serving.home) == []
    assert state_of(run, serving.home, prefect_server) == ("CANCELLED", "Runner is shutting down.")
    stranger.change(create_seconds=0.0)
    continued = fleet_backup.run("run", "FLEET", "--run-key", "night", **options)
    assert continued.exit_code == 0, continued.stderr
    assert Counter(stranger.truth()["backups_by_target"].values()) == {1: 20}


def test_serve_and_its_run_outlive_a_prefect_server_that_answers_500_for_longer_than_prefect_s_runner_bears(
    start_serving: Callable[..., Running], start_stranger: StartStranger, prefect_server: PrefectServer
) -> None:
    fleet = servers(1, 4)
    stranger = start_stranger(world(fleet, create_seconds=12.0))
    outage = Outage(prefect_server.url)
    often = {"PREFECT_RUNNER_POLL_FREQUENCY": "1", "PREFECT_API_URL": outage.url}
    with outage.running():
        serving = start_serving("outage", fleet=fleet_file(fleet), stranger=stranger, environment=often)
        shown = serving.home / "stderr"
        run = start_run(prefect_server.url, "outage")
        wait_until(lambda: stranger.creates() >= 4 or serving.process.poll() is not None, "creates")

        outage.begin()
        wait_until(lambda: "Waiting for it" in shown.read_text() or serving.process.poll() is not None, "the outage")
        before = outage.refused
        wait_until(lambda: outage.refused >= before + 6 or serving.process.poll() is not None, "more errors")
        outage.end()

        wait_until(lambda: "responds again" in shown.read_text() or serving.process.poll() is not None, "the end")
        ended = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
        wait_until(lambda: state_of(run, serving.home, prefect_server)[0] in ended, "the run")
        second = start_run(prefect_server.url, "outage", dry_run=True)
        wait_until(lambda: state_of(second, serving.home, prefect_server)[0] in ended, "the second run")
        # Prefect's runner calls a run that has ended Cancelled, if it is stopped while the process of that run exits.
        wait_until(lambda: not any("prefect.engine" in line for line in processes_at_home(serving.home)), "its process")
        serving.interrupt()
        assert serving.end().exit_code == 0
    assert [state_of(each, serving.home, prefect_server)[0] for each in (run, second)] == ["COMPLETED"] * 2
    assert Counter(stranger.truth()["backups_by_target"].values()) == {1: 4}
