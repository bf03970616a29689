"""One Prefect server for each worker of pytest; every flow test shares it and gets an API of its own."""

import json
import os
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from prefect.settings import PREFECT_API_SSL_CERT_FILE, PREFECT_API_URL, PREFECT_HOME, temporary_settings
from prefect.tasks import exponential_backoff

from cli.sandbox.demo_fleet import write_fleet_file
from deployments.server.local_server import local_server
from deployments.server.recorded import drain
from fleet.report.progress import listening
from fleet.report.report import Report
from fleet.serveravatar.retry import RetryPolicy
from sandbox.world.world import build_demo_world, build_fleet_world
from tasks.create import create
from tasks.proving import prover
from tests.flows.sandbox_forks import SandboxForks, sandbox_forks

TOKEN = "a-token-that-nobody-may-see-4711"


def pytest_configure(config: pytest.Config) -> None:
    """Prefect leaves sockets and coroutines, found whenever memory is freed: in any later test of this process.

    That is why `make test` gives the tests without Prefect a process of their own, in which what is left is a failure.
    """
    config.addinivalue_line("filterwarnings", "ignore::pytest.PytestUnraisableExceptionWarning")
    config.addinivalue_line("filterwarnings", "ignore:unclosed <socket:ResourceWarning")


@pytest.hookimpl(tryfirst=True)
def pytest_unconfigure() -> None:
    """At its end pytest looks once more, with the filters as Prefect's threads have left them."""
    warnings.simplefilter("ignore", ResourceWarning)
    warnings.simplefilter("ignore", pytest.PytestUnraisableExceptionWarning)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def prefect_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("prefect")


@pytest.fixture(scope="package", autouse=True)
def prefect_server(prefect_home: Path, certificate: Path) -> Iterator[None]:
    """The server that `fleet-backup run` starts: the harness of the tests is the product's own."""
    with (
        local_server(prefect_home) as url,
        temporary_settings(
            {PREFECT_API_URL: url, PREFECT_HOME: prefect_home, PREFECT_API_SSL_CERT_FILE: str(certificate)}
        ),
        pytest.MonkeyPatch.context() as environment,
    ):
        environment.setenv("SSL_CERT_FILE", str(certificate))
        yield
        drain()


@pytest.fixture(scope="session")
def forks() -> Iterator[SandboxForks]:
    with sandbox_forks() as process:
        yield process


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prefect and the client really retry and the backup list is really read again, only without the pauses."""
    bounded = RetryPolicy.delay

    def hardly(policy: RetryPolicy, attempt: int, elapsed: float, jitter: float) -> float | None:
        return None if bounded(policy, attempt, elapsed, jitter) is None else 0.01

    monkeypatch.setattr(RetryPolicy, "delay", hardly)
    monkeypatch.setattr(prover, "next_interval", lambda *_: 0.05)
    monkeypatch.setattr(create, "retry_delay_seconds", [0.01] * len(exponential_backoff(1)(create.retries)))


class Api:
    """A sandbox in a process of its own, and the fleet file of everything in it."""

    def __init__(
        self, forks: SandboxForks, folder: Path, faults: tuple[dict[str, Any], ...], backup_seconds: float
    ) -> None:
        self.folder = folder
        self._forks = forks
        self.fleet = folder.parent / f"{folder.name}.yaml"
        write_fleet_file(folder, self.fleet)
        token = folder.parent / f"{folder.name}.token"
        token.write_text(TOKEN, "utf-8")
        options = ["--folder", str(folder), "--token-file", str(token), "--requests-per-minute", "0"]
        options += ["--backup-seconds", str(backup_seconds)]
        options += [word for fault in faults for word in ("--fault", json.dumps(fault))]
        self.url, self._pid = forks.start(options)
        token.unlink()

    def stop(self) -> None:
        self._forks.end(self._pid)


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forks: SandboxForks) -> Iterator[Callable[..., Api]]:
    """Start a sandbox with a world and faults, and point the settings at it."""
    started: list[Api] = []

    def start(*faults: dict[str, Any], servers: int | None = 2, applications: int = 3, seconds: float = 0.3) -> Api:
        folder = tmp_path / f"sandbox-{len(started)}"
        if servers is None:
            build_demo_world(folder)
        else:
            build_fleet_world(folder, servers=servers, applications_per_server=applications, tiny=True)
        started.append(Api(forks, folder, faults, seconds))
        for name in [name for name in os.environ if name.startswith(("SERVERAVATAR_", "FLEET_BACKUP_"))]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("SERVERAVATAR_API_URL", started[-1].url)
        monkeypatch.setenv("SERVERAVATAR_API_TOKEN", TOKEN)
        monkeypatch.setenv("SERVERAVATAR_REQUESTS_PER_MINUTE", "100000")
        monkeypatch.setenv("FLEET_BACKUP_LEDGER_URL", f"sqlite:///{tmp_path / 'ledger.sqlite'}")
        monkeypatch.setenv("FLEET_BACKUP_SETTLE_SECONDS", "0.05")
        return started[-1]

    yield start
    for each in started:
        each.stop()


class Ear:
    """Listens to a run, and keeps what it heard."""

    def __init__(self) -> None:
        self.report: Report | None = None
        self.phases: list[tuple[str, int]] = []
        self.waits: list[str] = []
        self.notices: list[str] = []
        self.first_contacts: list[str] = []
        self.acted = 0

    def phase(self, name: str, total: int) -> None:
        self.phases.append((name, total))

    def acting(self) -> None:
        self.acted += 1

    def advance(self, result: object = None) -> None:
        pass

    def waiting(self, reason: str, _seconds: float, _rhythm: object = None, /) -> None:
        self.waits.append(reason)

    def notice(self, line: str) -> None:
        is_hint = line.startswith("first contact with this API")
        (self.first_contacts if is_hint else self.notices).append(line)

    def finished(self, report: Report) -> None:
        self.report = report


@pytest.fixture
def ear() -> Iterator[Ear]:
    heard = Ear()
    with listening(heard):
        yield heard
