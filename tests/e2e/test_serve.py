"""`fleet-backup serve` is ended while a run is under way: soon, in one line, and nothing is lost or made twice."""

import json
import os
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import StartStranger
from tests.e2e.fleets import fleet_file, servers, world
from tests.e2e.processes import FleetBackup, Options, PrefectServer, processes_at_home, wait_until


def declared_in(folder: Path, name: str) -> Path:
    """A `prefect.yaml` of one's own with one deployment, to be started by hand."""
    file = folder / "prefect.yaml"
    limit = {"limit": 1, "collision_strategy": "ENQUEUE"}
    deployment = {"name": name, "entrypoint": "flows/fleet_backup.py:fleet_backup", "concurrency_limit": limit}
    file.write_text(json.dumps({"deployments": [deployment]}), "utf-8")
    return file


def start_run(prefect: PrefectServer, deployment: str, **parameters: object) -> str:
    """What the UI's button does; returns the id of the flow run."""
    found = httpx.get(f"{prefect.url}/deployments/name/fleet_backup/{deployment}", timeout=30).raise_for_status()
    url = f"{prefect.url}/deployments/{found.json()['id']}/create_flow_run"
    started = httpx.post(url, json={"parameters": parameters}, timeout=30).raise_for_status()
    return str(started.json()["id"])


def run_of(prefect: PrefectServer, identifier: str) -> dict[str, Any]:
    (run,) = prefect.rows("flow_runs", flow_runs={"id": {"any_": [identifier]}})
    return run


@pytest.mark.parametrize("way", ["ctrl-c", "sigterm"])
def test_serve_that_is_ended_during_a_run_ends_soon_and_the_run_can_be_continued(
    fleet_backup: FleetBackup,
    start_stranger: StartStranger,
    prefect_server: PrefectServer,
    tmp_path: Path,
    way: str,
) -> None:
    fleet = servers(4, 10)
    stranger = start_stranger(world(fleet, create_seconds=0.2))
    options: Options = {"fleet": fleet_file(fleet), "stranger": stranger, "home": fleet_backup.folder / "home"}
    serving = fleet_backup.start("serve", "FLEET", "--file", str(declared_in(tmp_path, way)), **options)
    shown = serving.home / "stderr"
    wait_until(lambda: "The Prefect UI" in shown.read_text() or serving.process.poll() is not None, "serve")
    run = start_run(prefect_server, way, run_key="night", concurrency=3)
    wait_until(lambda: stranger.creates() >= 8 or serving.process.poll() is not None, "creates")
    stranger.change(create_seconds=90.0)

    if way == "ctrl-c":
        serving.interrupt()
    else:
        os.kill(serving.process.pid, signal.SIGTERM)
    serving.process.wait(30)  # a bound: the answers would take 90 s
    ended = serving.end()

    assert ended.exit_code == 0, ended.stderr
    lines = ended.stderr.splitlines()
    assert lines[-1].startswith("Ended. "), ended.stderr
    assert len(lines) == 4, ended.stderr
    assert processes_at_home(serving.home) == []
    state = run_of(prefect_server, run)["state"]
    assert state["type"] in ("CRASHED", "CANCELLED"), state

    stranger.change(create_seconds=0.0)
    continued = fleet_backup.run("run", "FLEET", "--run-key", "night", **options)
    assert continued.exit_code == 0, continued.stderr
    assert Counter(stranger.truth()["backups_by_target"].values()) == {1: 40}
