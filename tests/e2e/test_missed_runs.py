"""A worker that was down, and two schedules due at the same time: one run, each backup made once."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from deployments.local_server import local_server
from tests.e2e.conftest import StartStranger
from tests.e2e.fleets import fleet_file, servers, world
from tests.e2e.processes import FleetBackup, StrangerProcess, clean_environment, end, wait_until

PERIODS = 3
EVERY_FEW_SECONDS = {"interval": 10, "anchor_date": "2023-01-01T00:00:00+00:00"}
# Two schedules of one deployment that are always due at the same time.
OFTEN = {
    "deployments": [
        {
            "name": "often",
            "entrypoint": "flows/fleet_backup.py:fleet_backup",
            "concurrency_limit": {"limit": 1, "collision_strategy": "ENQUEUE"},
            "schedules": [{"slug": "one", **EVERY_FEW_SECONDS}, {"slug": "other", **EVERY_FEW_SECONDS}],
        }
    ]
}


class Prefect:
    """Prefect's API, asked as its UI asks it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def ask(self, method: str, path: str, body: object = None) -> Any:
        answer = httpx.request(method, f"{self.url}{path}", json=body, timeout=90)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def runs_due(self) -> list[dict[str, Any]]:
        """The runs whose time has come."""
        now = self.ask("POST", "/flow_runs/filter", {"flow_runs": {"state": {"name": {"any_": ["Late"]}}}})
        return list(now)

    def stop_schedules(self, deployment: str) -> None:
        found = self.ask("GET", f"/deployments/name/{deployment}")
        for schedule in found["schedules"]:
            self.ask("PATCH", f"/deployments/{found['id']}/schedules/{schedule['id']}", {"active": False})

    def states(self) -> list[tuple[str, str]]:
        return [(run["state"]["name"], run["state"]["message"]) for run in self.ask("POST", "/flow_runs/filter", {})]


@pytest.fixture
def prefect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgresql_url: str) -> Iterator[Prefect]:
    """A Prefect server that lets a run wait for its slot for five seconds and not for thirty.

    On PostgreSQL, as a server with a worker is meant to be: on SQLite its locks end the worker.
    """
    monkeypatch.setenv("PREFECT_SERVER_DEPLOYMENTS_CONCURRENCY_SLOT_WAIT_SECONDS", "5")
    database = postgresql_url.replace("postgresql://", "postgresql+asyncpg://")
    monkeypatch.setenv("PREFECT_SERVER_DATABASE_CONNECTION_URL", database)
    with local_server(tmp_path / "prefect") as url:
        yield Prefect(url)


def start_worker(program: Path, home: Path, prefect: Prefect, stranger: StrangerProcess) -> subprocess.Popen[str]:
    variables = clean_environment(
        home,
        PREFECT_API_URL=prefect.url,
        PREFECT_WORKER_QUERY_SECONDS="1",
        SERVERAVATAR_API_URL=stranger.url,
        SERVERAVATAR_API_TOKEN=stranger.token,
        FLEET_BACKUP_SETTLE_SECONDS="0.3",
    )
    command = [program.parent / "python", "-m", "prefect", "worker", "start", "--pool", "often"]
    with (home / "worker.log").open("w") as log:
        return subprocess.Popen(
            [str(part) for part in command], cwd=home, env=variables, stdout=log, stderr=log, text=True
        )


def test_after_three_missed_periods_with_two_runs_each_the_backups_are_made_once(
    fleet_backup: FleetBackup, installed: Path, start_stranger: StartStranger, prefect: Prefect, tmp_path: Path
) -> None:
    fleet = servers(2, 2)
    stranger = start_stranger(world(fleet))
    declared = tmp_path / "prefect.yaml"
    declared.write_text(json.dumps(OFTEN), "utf-8")
    arguments = ("deploy", "FLEET", "--file", str(declared), "--pool", "often")
    environment = {"PREFECT_API_URL": prefect.url}
    deployed = fleet_backup.run(*arguments, fleet=fleet_file(fleet), own_prefect=True, environment=environment)
    assert deployed.exit_code == 0, deployed.stderr

    wait_until(lambda: len(prefect.runs_due()) >= 2 * PERIODS, "the missed runs")
    prefect.stop_schedules("fleet_backup/often")
    worker = start_worker(installed, tmp_path, prefect, stranger)
    try:
        ends = {"Completed", "Skipped", "Failed", "Crashed", "Cancelled"}
        wait_until(lambda: all(name in ends for name, _ in prefect.states()), "the end of every run", 400)
    finally:
        end(worker)

    states = prefect.states()
    assert len(states) >= 2 * PERIODS
    assert [message for name, message in states if name != "Skipped"] == ["4 verified"]
    reasons = [message for name, message in states if name == "Skipped"]
    assert all(reason.startswith(("missed: the run of", "duplicate: another run of")) for reason in reasons), reasons
    assert stranger.creates() == 4
