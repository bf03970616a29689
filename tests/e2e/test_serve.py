"""`fleet-backup serve`: ended while a run is under way, through an outage, and open to other machines.

What ends it ends it soon, in one line, and nothing is lost or made twice.
"""

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

import httpx
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
    files_with,
    processes_at_home,
    wait_until,
)

pytestmark = pytest.mark.long
EVERYWHERE = {"PREFECT_SERVER_API_HOST": "0.0.0.0"}  # noqa: S104 - as in a container; with a password, or refused
FINAL = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
USER, WORD = "admin", secrets.token_hex(16)  # Other machines can reach the server of a test.


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
        wait_until(lambda: state_of(run, serving.home, prefect_server)[0] in FINAL, "the run")
        second = start_run(prefect_server.url, "outage", dry_run=True)
        wait_until(lambda: state_of(second, serving.home, prefect_server)[0] in FINAL, "the second run")
        # Prefect's runner calls a run that has ended Cancelled, if it is stopped while the process of that run exits.
        wait_until(lambda: not any("prefect.engine" in line for line in processes_at_home(serving.home)), "its process")
        serving.interrupt()
        assert serving.end().exit_code == 0
    assert [state_of(each, serving.home, prefect_server)[0] for each in (run, second)] == ["COMPLETED"] * 2
    assert Counter(stranger.truth()["backups_by_target"].values()) == {1: 4}


@pytest.mark.parametrize(
    ("environment", "refusal"),
    [
        (EVERYWHERE, "PREFECT_SERVER_API_HOST: 0.0.0.0 lets other machines start backups"),
        ({"PREFECT_SERVER_API_PORT": "70000"}, "PREFECT_SERVER_API_PORT: 70000 is no port"),
        ({"PREFECT_SERVER_API_PORT": ""}, "a setting of Prefect is not valid (ServerAPISettings: port: "),
    ],
    ids=["open to other machines without a password", "no port", "no valid setting"],
)
def test_serve_refuses_in_one_line_where_it_cannot_listen(
    fleet_backup: FleetBackup, start_stranger: StartStranger, environment: Mapping[str, str], refusal: str
) -> None:
    fleet = servers(1, 1)
    stranger = start_stranger(world(fleet))
    refused = fleet_backup.run(
        "serve", "FLEET", fleet=fleet_file(fleet), stranger=stranger, own_prefect=True, environment=environment
    )

    assert refused.exit_code == 2, refused.stderr
    (line,) = refused.stderr.splitlines()
    assert line.startswith(f"fleet-backup: {refusal}")


def test_serve_with_a_password_wants_it_from_callers_but_for_the_ui_and_hands_it_to_its_runs(
    start_serving: Callable[..., Running], start_stranger: StartStranger, prefect_server: PrefectServer
) -> None:
    fleet = servers(1, 2)
    stranger = start_stranger(world(fleet))
    often = {"PREFECT_RUNNER_POLL_FREQUENCY": "1", "PREFECT_SERVER_API_AUTH_STRING": f"{USER}:{WORD}"}
    environment = {**EVERYWHERE, **often, "PREFECT_API_AUTH_STRING": "of:another-server"}
    serving = start_serving(
        "open", fleet=fleet_file(fleet), stranger=stranger, own_prefect=True, environment=environment
    )
    api = api_of((serving.home / "stderr").read_text())
    assert httpx.post(f"{api}/flow_runs/filter", json={}).status_code == 401
    assert httpx.post(f"{api}/flow_runs/filter", json={}, auth=(USER, "guessed")).status_code == 401
    page = httpx.get(api.removesuffix("/api"), headers={"Accept": "text/html"}, follow_redirects=True)
    assert (page.status_code, "<script" in page.text) == (200, True)

    run = start_run(api.replace("://", f"://{USER}:{WORD}@"), "open")
    wait_until(lambda: state_of(run, serving.home, prefect_server)[0] in FINAL, "the run")
    assert not any(WORD in line for line in processes_at_home(serving.home))
    wait_until(lambda: not any("prefect.engine" in line for line in processes_at_home(serving.home)), "its process")
    serving.interrupt()
    ended = serving.end()
    assert ended.exit_code == 0, ended.stderr
    assert state_of(run, serving.home, prefect_server) == ("COMPLETED", "2 verified")
    assert files_with([WORD], serving.home) == []
