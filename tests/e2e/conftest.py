"""Fixtures of the acceptance: the wheel in a venv of its own, one Prefect server, strangers, clean runs."""

import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.processes import (
    ROOT,
    FleetBackup,
    PrefectServer,
    StrangerProcess,
    end,
    files_with,
    processes_at_home,
)

StartStranger = Callable[[dict[str, object]], StrangerProcess]
PACKAGES = ("cli", "deployments", "fleet", "flows", "sandbox", "tasks")
PLACES = f"import {', '.join(PACKAGES)}; print({', '.join(f'{package}.__file__' for package in PACKAGES)})"


def output_of(*command: str | Path, cwd: Path) -> str:
    line = [str(part) for part in command]
    ended = subprocess.run(line, cwd=cwd, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, f"{command}: {ended.stdout}{ended.stderr}"
    return ended.stdout.strip()


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `fleet-backup` of the built wheel, with this environment's locked dependencies beside it.

    The path line in `locked.pth` does not read the `.pth` files of the folder it names, so the editable
    install of the checkout stays out of reach.
    """
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    output_of(*pip, "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", folder, ROOT, cwd=folder)
    output_of(sys.executable, "-m", "venv", "--without-pip", folder / "venv", cwd=folder)
    python = folder / "venv" / "bin" / "python"
    (wheel,) = folder.glob("*.whl")
    output_of(*pip, "--python", python, "install", "-q", "--no-deps", "--no-index", wheel, cwd=folder)
    site = output_of(python, "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])", cwd=folder)
    (Path(site) / "locked.pth").write_text(sysconfig.get_paths()["purelib"] + "\n", encoding="utf-8")
    places = output_of(python, "-c", PLACES, cwd=folder).split()
    assert all(Path(place).is_relative_to(site) for place in places), places
    return folder / "venv" / "bin" / "fleet-backup"


@pytest.fixture(scope="session")
def used_tokens() -> set[str]:
    """Every token that a run of this session was given."""
    return set()


@pytest.fixture(scope="session")
def homes() -> list[Path]:
    """Every home that a run of this session had."""
    return []


@pytest.fixture(scope="session")
def prefect_server(
    tmp_path_factory: pytest.TempPathFactory, used_tokens: set[str], homes: list[Path]
) -> Iterator[PrefectServer]:
    """One Prefect server for the session; at its end, nothing that was stored anywhere holds a token."""
    server = PrefectServer.start(tmp_path_factory.mktemp("prefect"))
    yield server
    end(server.process)
    assert processes_at_home(server.home) == []
    assert files_with(used_tokens, server.home, *homes) == []


@pytest.fixture
def start_stranger(tmp_path: Path) -> Iterator[StartStranger]:
    """Start strangers; they end with the test."""
    started: list[StrangerProcess] = []

    def start(config: dict[str, object]) -> StrangerProcess:
        started.append(StrangerProcess.start(tmp_path, config))
        return started[-1]

    yield start
    for stranger in started:
        end(stranger.process)


@pytest.fixture
def fleet_backup(
    installed: Path,
    used_tokens: set[str],
    homes: list[Path],
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Iterator[FleetBackup]:
    """Run `fleet-backup`; after the test nothing of it runs, and no output or file holds a token."""

    def prefect_url() -> str:
        server: PrefectServer = request.getfixturevalue("prefect_server")
        return server.url

    runs = FleetBackup(installed, tmp_path_factory.mktemp("home"), prefect_url, used_tokens)
    homes.append(runs.folder)
    yield runs
    for running in runs.started:
        end(running.process)
        shown = "".join((running.home / name).read_text(encoding="utf-8") for name in ("stdout", "stderr"))
        assert "Traceback (most recent call last)" not in shown, shown
        assert processes_at_home(running.home) == []
    assert files_with(used_tokens, runs.folder) == []
