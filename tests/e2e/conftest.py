"""Fixtures of the acceptance: the wheel in a venv of its own, one Prefect server, strangers, clean runs.

With pytest-xdist the workers share the wheel; each has a Prefect server of its own. The tests of a `place` stay in one
worker, and what is marked `long` starts first, so that no worker is left alone with it at the end.
"""

import fcntl
import os
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped] # it has no types

from tests.e2e.place import KEY, WORD, Place
from tests.e2e.processes import (
    ROOT,
    FleetBackup,
    PrefectServer,
    StrangerProcess,
    clean_environment,
    end,
    files_with,
    processes_at_home,
)
from tests.e2e.run_forks import RunForks, run_forks

StartStranger = Callable[[dict[str, object]], StrangerProcess]
TOGETHER = ("test_browser.py", "test_missed_runs.py", "test_operations.py")
"""In the names of the tests that need the same `place`."""
FROM_NOTHING = (
    "test_a_bad_command_line",
    "test_fleet_file.py",
    "test_help_names",
    "test_it_needs_no_prefect_server",
    "test_settings_that_cannot_be",
    "test_shadows.py",
    "test_ten_servers",
)
"""In the names of the tests whose runs are no forks but start from nothing: what is imported, when, from where, and
what a start reads and prints. All other commands than `run` do so everywhere."""
PACKAGES = ("cli", "deployments", "fleet", "flows", "sandbox", "tasks")
PLACES = f"import {', '.join(PACKAGES)}; print({', '.join(f'{package}.__file__' for package in PACKAGES)})"


class OneByOne(LoadScopeScheduling):  # type: ignore[misc] # xdist has no types
    """Hands out one test at a time, and those that share a place together."""

    def _split_scope(self, nodeid: str) -> str:
        return "together" if any(word in nodeid for word in TOGETHER) else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> OneByOne:
    return OneByOne(config, log)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "long: takes so long that it starts before most others")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def output_of(*command: str | Path, cwd: Path) -> str:
    line = [str(part) for part in command]
    ended = subprocess.run(line, cwd=cwd, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, f"{command}: {ended.stdout}{ended.stderr}"
    return ended.stdout.strip()


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> None:
    """A shell that starts the tests in the background ignores SIGINT, and every child would inherit that."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def one_certificate(certificate: Path) -> Iterator[None]:
    """For the clients of this process, which ask often, and by `clean_environment` for those of its children."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SSL_CERT_FILE", str(certificate))
        yield


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `fleet-backup` of the built wheel, with this environment's locked dependencies beside it.

    The first worker that asks builds it, the others wait.
    """
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "wheel"
    with (folder.parent / "wheel.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            install(folder)
            (folder / "complete").touch()
    return folder / "venv" / "bin" / "fleet-backup"


def install(folder: Path) -> None:
    """Build the wheel, and install it into a venv in the folder.

    The path line in `locked.pth` does not read the `.pth` files of the folder it names, so the editable
    install of the checkout stays out of reach.
    """
    folder.mkdir()
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


@pytest.fixture(scope="session")
def place(installed: Path, postgresql: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The recipe of docs/operations.md with its Prefect server running; the password and the key are stored nowhere."""
    place = Place(installed, tmp_path_factory.mktemp("place"), postgresql)
    with place.serving():
        yield place
    assert files_with([WORD, KEY], place.home) == []


@pytest.fixture(scope="session")
def forks(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunForks]:
    """One process for each worker that all runs are forks of, but those of `FROM_NOTHING`."""
    with run_forks(installed, clean_environment(tmp_path_factory.mktemp("forks"))) as forks:
        yield forks


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

    from_nothing = any(word in request.node.nodeid for word in FROM_NOTHING)
    forks = None if from_nothing else request.getfixturevalue("forks")
    runs = FleetBackup(installed, tmp_path_factory.mktemp("home"), prefect_url, used_tokens, forks)
    homes.append(runs.folder)
    yield runs
    for running in runs.started:
        end(running.process)
        shown = "".join((running.home / name).read_text(encoding="utf-8") for name in ("stdout", "stderr"))
        assert "Traceback (most recent call last)" not in shown, shown
        assert processes_at_home(running.home) == []
    assert files_with(used_tokens, runs.folder) == []
