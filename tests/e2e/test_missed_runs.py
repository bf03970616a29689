"""A worker that was down, and two schedules due at the same time: one run, each backup made once."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import StartStranger
from tests.e2e.fleets import fleet_file, servers, world
from tests.e2e.place import USER, WORD, Place
from tests.e2e.processes import FleetBackup, ask_prefect, wait_until

pytestmark = pytest.mark.long
PERIODS = 3
EVERY_FEW_SECONDS = {"interval": 5, "anchor_date": "2023-01-01T00:00:00+00:00"}
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
    """Prefect's API, asked as its UI asks it, about one deployment."""

    def __init__(self, url: str, deployment: str) -> None:
        self._url = url
        self._deployment = self.ask("GET", f"/deployments/name/{deployment}")

    def ask(self, method: str, path: str, body: object = None) -> Any:
        return ask_prefect(method, f"{self._url}{path}", body, auth=(USER, WORD))

    def states(self, **conditions: object) -> list[tuple[str, str]]:
        """Name and message of the state of each run under these conditions."""
        question = {"deployments": {"id": {"any_": [self._deployment["id"]]}}, "flow_runs": conditions}
        runs = self.ask("POST", "/flow_runs/filter", question)
        return [(run["state"]["name"], run["state"]["message"]) for run in runs]

    def late(self) -> int:
        """How many runs should have begun."""
        return len(self.states(state={"name": {"any_": ["Late"]}}))

    def stop_schedules(self) -> None:
        for schedule in self._deployment["schedules"]:
            self.ask("PATCH", f"/deployments/{self._deployment['id']}/schedules/{schedule['id']}", {"active": False})


def test_after_three_missed_periods_with_two_runs_each_the_backups_are_made_once(
    fleet_backup: FleetBackup, place: Place, start_stranger: StartStranger, tmp_path: Path
) -> None:
    fleet = servers(2, 2)
    stranger = start_stranger(world(fleet))
    declared, token = tmp_path / "prefect.yaml", tmp_path / "token"
    declared.write_text(json.dumps(OFTEN), "utf-8")
    token.write_text(stranger.token, "utf-8")
    client = place.variables("fleet-backup.env") | {
        "SERVERAVATAR_API_URL": stranger.url,
        "SERVERAVATAR_API_TOKEN_FILE": str(token),
        "FLEET_BACKUP_SETTLE_SECONDS": "0.3",
        "PREFECT_WORKER_QUERY_SECONDS": "1",
    }
    arguments = ("deploy", "FLEET", "--file", str(declared))
    deployed = fleet_backup.run(*arguments, fleet=fleet_file(fleet), own_prefect=True, environment=dict(client))
    assert deployed.exit_code == 0, deployed.stderr
    prefect = Prefect(place.url, "fleet_backup/often")

    wait_until(lambda: prefect.late() >= 2 * PERIODS, "the missed runs")
    prefect.stop_schedules()
    with place.started("fleet-backup-worker.service", "fleet-backup.env", **client):
        ends = {"Completed", "Skipped", "Failed", "Crashed", "Cancelled"}
        wait_until(lambda: all(name in ends for name, _ in prefect.states()), "the end of every run", 400)

    states = prefect.states()
    assert len(states) >= 2 * PERIODS
    assert [message for name, message in states if name != "Skipped"] == ["4 verified"]
    reasons = [message for name, message in states if name == "Skipped"]
    assert all(reason.startswith(("missed: the run of", "duplicate: another run of")) for reason in reasons), reasons
    assert stranger.creates() == 4
