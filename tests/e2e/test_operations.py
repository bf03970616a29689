"""The recipe of docs/operations.md: what its units start, with its environment files, on a real PostgreSQL."""

import os
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import StartStranger
from tests.e2e.fleets import fleet_file, servers, world
from tests.e2e.place import KEY, USER, WORD, Place
from tests.e2e.processes import Ended, FleetBackup, files_with, wait_until
from tests.operations import FOLDER, command

pytestmark = pytest.mark.long
FINAL = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


def state_of(prefect: httpx.Client, run: str) -> dict[str, Any]:
    state: dict[str, Any] = prefect.get(f"/flow_runs/{run}").raise_for_status().json()["state"]
    return state


def test_server_with_a_password_worker_and_deploy_make_a_run_that_is_verified_and_stopping_ends_it(
    fleet_backup: FleetBackup, place: Place, start_stranger: StartStranger, tmp_path: Path
) -> None:
    fleet = servers(2, 2)
    stranger = start_stranger(world(fleet))
    token = tmp_path / "token"
    token.write_text(stranger.token, "utf-8")
    of_the_api = {
        "SERVERAVATAR_API_URL": stranger.url,
        "SERVERAVATAR_API_TOKEN_FILE": str(token),
        "FLEET_BACKUP_SETTLE_SECONDS": "0.3",
    }
    client = place.variables("fleet-backup.env")
    url = place.url

    def deploy(environment: dict[str, str]) -> Ended:
        return fleet_backup.run("deploy", "FLEET", fleet=fleet_file(fleet), own_prefect=True, environment=environment)

    assert httpx.post(f"{url}/flow_runs/filter", json={}).status_code == 401
    assert httpx.post(f"{url}/flow_runs/filter", json={}, auth=(USER, "guessed")).status_code == 401
    page = httpx.get(url.removesuffix("/api"), headers={"Accept": "text/html"}, follow_redirects=True)
    assert (page.status_code, list(place.home.glob("ui/v*/index.html")) != []) == (200, True)

    refused = deploy({"PREFECT_API_URL": url})
    assert refused.exit_code == 1
    (line,) = refused.stderr.splitlines()
    assert line.endswith("PREFECT_API_AUTH_STRING must equal its PREFECT_SERVER_API_AUTH_STRING")
    deployed = deploy({**client, **of_the_api})
    assert deployed.exit_code == 0, deployed.stderr
    often = {"PREFECT_WORKER_QUERY_SECONDS": "1"}
    with (
        place.started("fleet-backup-worker.service", "fleet-backup.env", **of_the_api, **often) as worker,
        httpx.Client(base_url=url, auth=(USER, WORD), timeout=60) as prefect,
    ):
        nightly = prefect.get("/deployments/name/fleet_backup/nightly").raise_for_status().json()["id"]
        run = prefect.post(f"/deployments/{nightly}/create_flow_run", json={}).raise_for_status().json()["id"]
        wait_until(lambda: state_of(prefect, run)["type"] in FINAL or worker.poll() is not None, "the run")
        state = state_of(prefect, run)
        assert (state["type"], state["name"], state["message"]) == ("COMPLETED", "Completed", "4 verified")
        assert Counter(stranger.truth()["backups_by_target"].values()) == {1: 4}

        stranger.change(create_seconds=90.0)
        run = prefect.post(f"/deployments/{nightly}/create_flow_run", json={}).raise_for_status().json()["id"]
        wait_until(lambda: stranger.creates() > 4 or worker.poll() is not None, "a create that hangs")
        stop = command(FOLDER / "fleet-backup-worker.service", "ExecStop")
        subprocess.run(stop, env={**os.environ, "MAINPID": str(worker.pid)}, check=True, timeout=60)
        # On a machine that is busy with other tests its last word may take longer than the unit waits.
        wait_until(lambda: state_of(prefect, run)["type"] in FINAL, "the end of the run that was stopped")
        log = (place.home / "fleet-backup-worker.service.log").read_text("utf-8")
        assert state_of(prefect, run)["type"] == "CRASHED", log
    assert files_with([stranger.token, WORD, KEY], place.home, fleet_backup.folder) == []
