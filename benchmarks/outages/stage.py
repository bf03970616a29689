"""What every outage happens to: a Prefect server and a ledger on PostgreSQL, the sandbox as the API, two machines."""

import asyncio
import os
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from benchmarks.chaos.api import TOKEN, ChaosApi, serving
from benchmarks.chaos.fleet import write_fleet
from benchmarks.outages.machine import Machine, Ways
from deployments.server.local_server import LEASES, TUNING, is_healthy
from tests.postgresql import new_database

FINAL: Final = frozenset({"COMPLETED", "FAILED", "CRASHED", "CANCELLED"})
_KEPT: Final = ("PATH", "LANG")
_LONGEST: Final = 900.0


@dataclass
class PrefectServer:
    """The operator's Prefect server: `prefect server start` with the settings of docs/operations."""

    folder: Path
    port: int
    database: str
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Of its API."""
        return f"http://127.0.0.1:{self.port}/api"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ} | {
            "HOME": str(self.folder),
            "PREFECT_SERVER_DATABASE_CONNECTION_URL": self.database,
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            **TUNING,
            **LEASES,
        }
        command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(self.port)]
        with (self.folder / "prefect-server.log").open("ab") as log:
            self.process = subprocess.Popen(command, cwd=self.folder, env=environment, stdout=log, stderr=log)  # noqa: S603 - ours
        until(lambda: is_healthy(self.url), "the Prefect server")

    def kill(self) -> None:
        """End it at once."""
        if self.process:
            self.process.kill()
            self.process.wait()

    def ask(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON of any shape
        """Ask its API."""
        answer = httpx.request(method, f"{self.url}{path}", json=body, timeout=60)
        return answer.raise_for_status().json()


@dataclass
class Stage:
    """Everything that is there.

    Attributes:
        folder: all of it lies below.
        api: the API.
        prefect: the Prefect server.
        targets: how many the fleet has.
    """

    folder: Path
    api: ChaosApi
    prefect: PrefectServer
    ledger: str
    targets: int
    ports: tuple[int, ...] = ()
    machines: list[Machine] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """Of every program of ours."""
        return {name: os.environ[name] for name in _KEPT if name in os.environ} | {
            "SERVERAVATAR_API_URL": self.api.url,
            "SERVERAVATAR_API_TOKEN": TOKEN,
            "SERVERAVATAR_REQUESTS_PER_MINUTE": "6000",
            "FLEET_BACKUP_LEDGER_URL": self.ledger,
            "FLEET_BACKUP_SETTLE_SECONDS": "10",
            "PREFECT_API_URL": self.prefect.url,
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "DO_NOT_TRACK": "1",
        }

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run `fleet-backup` on this machine."""
        line = [sys.executable, "-m", "cli", *words]
        environment = self.environment | {"HOME": str(self.folder), "PYTHONPATH": str(Path.cwd())}
        return subprocess.run(  # noqa: S603 - ours
            line, cwd=self.folder, env=environment, capture_output=True, text=True, check=True, timeout=_LONGEST
        )

    def machine(self, name: str, *command: str, own_prefect: bool = False) -> Machine:
        """A machine that runs a command: with the operator's Prefect server, or one of its own."""
        environment = self.environment
        if own_prefect:
            del environment["PREFECT_API_URL"]
        made = Machine(self.folder / name, self.ports, [sys.executable, "-m", *command], environment)
        self.machines.append(made)
        return made

    def worker(self, name: str) -> Machine:
        """A machine that runs a worker."""
        return self.machine(name, "prefect", "worker", "start", "--pool", "fleet-backup", "--name", name)

    def begin(self, deployment: str, **parameters: object) -> str:
        """Start a run of a deployment; return its id."""
        found = self.prefect.ask("GET", f"/deployments/name/fleet_backup/{deployment}")["id"]
        body = {"parameters": {"concurrency": 1, **parameters}}
        run: str = self.prefect.ask("POST", f"/deployments/{found}/create_flow_run", body)["id"]
        return run

    def runs(self) -> list[dict[str, Any]]:
        """All runs of the backup flow, the oldest first."""
        query = {"flows": {"name": {"any_": ["fleet_backup"]}}, "sort": "EXPECTED_START_TIME_ASC", "limit": 200}
        found: list[dict[str, Any]] = self.prefect.ask("POST", "/flow_runs/filter", query)
        return [run for run in found if run["state_type"] != "SCHEDULED"]

    def run(self, identifier: str) -> dict[str, Any]:
        """One run."""
        found: dict[str, Any] = self.prefect.ask("GET", f"/flow_runs/{identifier}")
        return found

    def has_ended(self, identifier: str) -> bool:
        """Whether a run is in a final state."""
        return self.run(identifier)["state_type"] in FINAL

    def sent(self) -> int:
        """How many creates the API has received."""
        return int(self.api.requests()["by_call"].get("create", 0))

    def made(self) -> Counter[tuple[int, int]]:
        """How many backups exist of each application."""
        return Counter((row["server_id"], row["application_id"]) for row in self.api.backups())


@contextmanager
def stage(folder: Path, postgresql: str, targets: int, seconds: float) -> Iterator[Stage]:
    """Set everything up for one outage, and end all of it; each create takes as many seconds, one after another."""
    folder.mkdir(parents=True)
    with serving(folder / "api", targets, 1) as api:
        server_database, ledger = new_database(postgresql), new_database(postgresql)
        prefect = PrefectServer(folder, _free_port(), server_database.replace(":", "+asyncpg:", 1))
        prefect.start()
        ports = (prefect.port, _port_of(api.url), _port_of(ledger))
        api.add([{"kind": "slow", "call": "create", "seconds": seconds}])
        here = Stage(folder, api, prefect, ledger, targets, ports)
        write_fleet(folder, api, targets)
        try:
            with _ways(folder, ports):
                try:
                    yield here
                finally:
                    for machine in here.machines:
                        machine.lose()
        finally:
            prefect.kill()


@contextmanager
def _ways(folder: Path, ports: tuple[int, ...]) -> Iterator[None]:
    (folder / "ways").mkdir()
    loop = asyncio.new_event_loop()
    loop.run_until_complete(Ways(folder / "ways", ports).open())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(_end_all, loop)
        thread.join(10)


def _end_all(loop: asyncio.AbstractEventLoop) -> None:
    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.call_later(0.5, loop.stop)  # Once they have ended.


def until(holds: Callable[[], bool], what: str, seconds: float = _LONGEST) -> float:
    """Wait until something holds; return after how many seconds.

    Raises:
        TimeoutError: it does not.
    """
    began = time.monotonic()
    while True:
        try:
            if holds():
                return time.monotonic() - began
        except httpx.HTTPError:
            pass  # The server is away, or busy.
        if time.monotonic() - began > seconds:
            raise TimeoutError(f"waited {seconds:.0f} s for {what}")
        time.sleep(0.5)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def _port_of(url: str) -> int:
    port = urlsplit(url).port
    if port is None:
        raise ValueError(f"{url} has no port")
    return port
