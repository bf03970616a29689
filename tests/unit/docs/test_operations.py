"""The units, environment files and Compose file of docs/operations: what holds without starting them."""

import shutil
import subprocess
from pathlib import Path

import click
import pytest

from cli.main import main
from deployments.declaration import POOL
from deployments.server.local_server import TUNING
from fleet.settings.settings import Settings
from tests.operations import FOLDER, PROGRAMS, UNITS, command, services, unit, variables

SERVER, CLIENT = variables(FOLDER / "prefect-server.env"), variables(FOLDER / "fleet-backup.env")
PASSWORDS = ("PREFECT_SERVER_API_AUTH_STRING", "PREFECT_API_AUTH_STRING", "PREFECT_SERVER_ENCRYPTION_KEY")
EVERYWHERE = "0.0.0.0"  # noqa: S104 - in a container, whose port is published on 127.0.0.1
OF_THE_PLACE = (
    "PREFECT_API_URL",
    "PREFECT_SERVER_DATABASE_CONNECTION_URL",
    "PREFECT_SERVER_UI_STATIC_DIRECTORY",
    "FLEET_BACKUP_LEDGER_URL",
)


def declared(name: str) -> click.Command:
    command = main.get_command(click.Context(main), name)
    assert command
    return command


@pytest.mark.parametrize("file", UNITS, ids=lambda file: file.name)
def test_a_unit_runs_without_privileges_and_is_started_again_for_ever(file: Path) -> None:
    service = unit(file)["Service"]
    assert service["User"] == "fleet-backup"
    assert service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert (service["Restart"], unit(file)["Unit"]["StartLimitIntervalSec"]) == ("always", "0")
    assert (FOLDER / Path(service["EnvironmentFile"]).name).exists()
    assert service["ExecStart"].startswith(PROGRAMS)


@pytest.mark.parametrize("file", UNITS, ids=lambda file: file.name)
def test_systemd_finds_nothing_wrong(file: Path, tmp_path: Path) -> None:
    """Where it is installed; the other tests here read the same files everywhere."""
    analyze = shutil.which("systemd-analyze")
    if not analyze:
        return
    program = tmp_path / "program"
    program.touch(mode=0o755)
    copy = tmp_path / file.name
    copy.write_text(file.read_text("utf-8").replace(command(file)[0], str(program)), "utf-8")
    line = [analyze, "verify", "--recursive-errors=no", str(copy)]
    ended = subprocess.run(line, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_the_server_is_reached_from_this_machine_alone_and_with_its_password() -> None:
    assert command(FOLDER / "prefect-server.service")[-4:] == ["--host", "127.0.0.1", "--port", "4200"]
    assert CLIENT["PREFECT_API_URL"] == "http://127.0.0.1:4200/api"
    assert services()["prefect-server"]["ports"] == ["127.0.0.1:4200:4200"]
    assert "ports" not in services()["postgresql"]
    assert CLIENT["PREFECT_API_AUTH_STRING"] == SERVER["PREFECT_SERVER_API_AUTH_STRING"]


def test_the_server_records_every_task_run_as_an_own_one_does() -> None:
    assert SERVER.items() >= TUNING.items()


def test_the_worker_works_for_the_pool_of_deploy_and_serve_is_a_command() -> None:
    assert command(FOLDER / "fleet-backup-worker.service")[-2:] == ["--pool", POOL]
    program, name, fleet = command(FOLDER / "fleet-backup-serve.service")
    assert program == f"{PROGRAMS}fleet-backup"
    assert declared(name).make_context(name, [fleet]).params["fleet"] == Path(fleet)


def test_every_variable_of_ours_is_one_that_is_read() -> None:
    """Also those that are written there to be switched on."""
    text = (FOLDER / "fleet-backup.env").read_text("utf-8")
    named = {line.lstrip("# ").split("=")[0] for line in text.splitlines() if "=" in line and ": " not in line}
    ours = {name for name in named if name.startswith(("SERVERAVATAR_", "FLEET_BACKUP_"))}
    options = {option.envvar for option in declared("deploy").params if option.envvar}
    assert ours <= {name.upper() for name in Settings.model_fields} | options
    assert len(ours) == 7


def test_compose_starts_the_same_with_the_same_settings() -> None:
    """Docker is not installed where these tests run: the file is compared with the units, which are started."""
    for service, file, expected in (
        ("prefect-server", "prefect-server.service", SERVER),
        ("worker", "fleet-backup-worker.service", CLIENT),
    ):
        line = " ".join(command(FOLDER / file)).removeprefix(PROGRAMS)
        assert services()[service]["command"].replace(EVERYWHERE, "127.0.0.1") == line
        found = {name: str(value) for name, value in services()[service]["environment"].items()}
        assert found.keys() == expected.keys()
        assert all(found[name].startswith("${") for name in PASSWORDS if name in found)
        different = {name for name in found if found[name] != expected[name]}
        assert different <= {*PASSWORDS, *OF_THE_PLACE, "SERVERAVATAR_API_TOKEN_FILE"}
        assert services()[service]["image"] == "fleet-backup"
