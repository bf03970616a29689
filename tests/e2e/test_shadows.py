"""The working folder holds files and folders named like ours: none is imported, and all behaves as without them."""

import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import StartStranger
from tests.e2e.fleets import fleet_file, servers, world
from tests.e2e.processes import FleetBackup, Options, PrefectServer, Running, ask_prefect, wait_until
from tests.e2e.test_serve import declared_in, start_run

pytestmark = pytest.mark.long
OURS = ("cli", "deployments", "fleet", "flows", "sandbox", "tasks")
OFTEN = {"PREFECT_RUNNER_POLL_FREQUENCY": "1", "PREFECT_WORKER_QUERY_SECONDS": "1"}


def shadow_all(folder: Path) -> Path:
    """A module and a package of each of our names; each notes that it was imported, and fails."""
    noted = folder / "imported"
    for name in OURS:
        text = f"open({str(noted)!r}, 'a').write({name!r})\nraise RuntimeError('this is not yours: {name}')\n"
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text(text, "utf-8")
        (folder / f"{name}.py").write_text(text, "utf-8")
    return noted


def ended(prefect: PrefectServer, run: str) -> dict[str, Any]:
    """The state of a flow run that has ended."""

    def state() -> dict[str, Any]:
        found: dict[str, Any] = ask_prefect("GET", f"{prefect.url}/flow_runs/{run}")["state"] or {}
        return found

    ends = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
    wait_until(lambda: state().get("type") in ends, f"the end of {run}")
    return state()


def shows(running: Running, text: str) -> None:
    wait_until(lambda: text in (running.home / "stderr").read_text() or running.process.poll() is not None, text)
    assert text in (running.home / "stderr").read_text()


def test_nothing_in_the_working_folder_is_imported_and_a_child_that_dies_at_start_is_told(
    fleet_backup: FleetBackup, start_stranger: StartStranger, prefect_server: PrefectServer, tmp_path: Path
) -> None:
    fleet = servers(1, 2)
    home = fleet_backup.folder / "home"
    noted = shadow_all(home / "work")
    stranger = start_stranger(world(fleet))
    options: Options = {"fleet": fleet_file(fleet), "stranger": stranger, "environment": OFTEN, "home": home}
    own: Options = {**options, "own_prefect": True}
    alone = fleet_backup.run("run", "FLEET", **own)
    assert alone.exit_code == 0, alone.stderr

    name = f"shadowed-{time.time_ns()}"
    serving = fleet_backup.start("serve", "FLEET", "--file", str(declared_in(tmp_path, name)), **options)
    shows(serving, "The Prefect UI")
    assert ended(prefect_server, start_run(prefect_server.url, name))["type"] == "COMPLETED"

    found = ask_prefect("GET", f"{prefect_server.url}/deployments/name/fleet_backup/{name}")
    ask_prefect("PATCH", f"{prefect_server.url}/deployments/{found['id']}", {"entrypoint": "nowhere.flow"})
    assert ended(prefect_server, start_run(prefect_server.url, name))["type"] == "CRASHED"
    shows(serving, "No module named 'nowhere'")
    serving.interrupt()
    assert serving.end().exit_code == 0

    file = declared_in(tmp_path, name)
    file.write_text(file.read_text().replace('"name"', f'"work_pool": {{"name": "{name}"}}, "name"', 1), "utf-8")
    deployed = fleet_backup.run("deploy", "FLEET", "--file", str(file), **options)
    assert deployed.exit_code == 0, deployed.stderr
    place = {"working_dir": str(home / "work")}
    run = start_run(prefect_server.url, name, job_variables=place)
    worker = [str(fleet_backup.program.parent / "python"), "-P", "-m", "prefect", "worker", "start", "--run-once"]
    variables = fleet_backup._variables(home, options)
    with (home / "worker").open("w") as log:
        subprocess.run([*worker, "--pool", name], cwd=home / "work", env=variables, stderr=log, stdout=log, check=False)
    assert ended(prefect_server, run)["type"] == "COMPLETED", (home / "worker").read_text()

    assert not noted.exists(), noted.read_text()
