"""What every outage happens to: a Prefect server and a ledger on PostgreSQL, the sandbox as the API, machines."""

import asyncio
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from benchmarks.chaos.api import TOKEN, ChaosApi, serving
from benchmarks.chaos.fleet import write_fleet
from benchmarks.outages.machine import Machine, Ways
from benchmarks.outages.prefect_server import LONGEST_SECONDS, PrefectServer, kept
from deployments.declaration import POOL
from deployments.server.address import Address
from tests.postgresql import new_database

FINAL: Final = frozenset({"COMPLETED", "FAILED", "CRASHED", "CANCELLED"})


@dataclass
class Stage:
    """Everything that is there.

    Attributes:
        folder: all of it lies below.
        api: the API.
        prefect: the Prefect server.
        ledger: its URL.
        targets: how many there are.
        variables: of the environment of every program of ours, besides the addresses of what is here.
        ports: of this machine, which the others reach as their own.
        machines: all that were made.
    """

    folder: Path
    api: ChaosApi
    prefect: PrefectServer
    ledger: str
    targets: int
    variables: Mapping[str, str]
    ports: tuple[int, ...]
    machines: list[Machine] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """Of every program of ours."""
        return kept() | {
            **self.variables,
            "SERVERAVATAR_API_URL": self.api.url,
            "FLEET_BACKUP_LEDGER_URL": self.ledger,
            "PREFECT_API_URL": self.prefect.url,
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "DO_NOT_TRACK": "1",
        }

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run `fleet-backup` on this machine."""
        line = [sys.executable, "-m", "cli", *words]
        environment = self.environment | {"HOME": str(self.folder), "PYTHONPATH": str(Path.cwd())}
        return subprocess.run(  # noqa: S603 - ours
            line, cwd=self.folder, env=environment, capture_output=True, text=True, check=True, timeout=LONGEST_SECONDS
        )

    def machine(self, name: str, *command: str, own_prefect: bool = False) -> Machine:
        """A machine that runs a command: with the operator's Prefect server, or one of its own."""
        environment = self.environment
        if own_prefect:
            del environment["PREFECT_API_URL"]
        made = Machine(self.folder / name, self.ports, [sys.executable, "-m", *command], environment)
        self.machines.append(made)
        return made

    def worker(self, name: str, *options: str) -> Machine:
        """A machine that runs a worker."""
        return self.machine(name, "prefect", "worker", "start", "--pool", POOL, "--name", name, *options)

    def begin(self, deployment: str, **parameters: object) -> str:
        """Start a run of a deployment, such as `fleet_backup/nightly`; return its id."""
        found = self.prefect.ask("GET", f"/deployments/name/{deployment}")["id"]
        body = {"parameters": parameters}
        run: str = self.prefect.ask("POST", f"/deployments/{found}/create_flow_run", body)["id"]
        return run

    def runs(self, flow: str = "fleet_backup") -> list[dict[str, Any]]:
        """All runs of a flow that were begun, the oldest first."""
        query = {"flows": {"name": {"any_": [flow]}}, "sort": "EXPECTED_START_TIME_ASC", "limit": 200}
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
    variables = {
        "SERVERAVATAR_API_TOKEN": TOKEN,
        "SERVERAVATAR_REQUESTS_PER_MINUTE": "6000",
        "FLEET_BACKUP_SETTLE_SECONDS": "10",
    }
    with serving(folder / "api", targets, 1) as api:
        api.add([{"kind": "slow", "call": "create", "seconds": seconds}])
        write_fleet(folder, api, targets)
        with around(api, folder, postgresql, targets, variables) as here:
            yield here


@contextmanager
def around(api: ChaosApi, folder: Path, postgresql: str, targets: int, variables: Mapping[str, str]) -> Iterator[Stage]:
    """Set up what an operator has beside the API, and end all of it.

    Args:
        api: it is served.
        folder: of everything; it exists.
        postgresql: a server, which gets a database for Prefect and one for the ledger.
        targets: how many there are.
        variables: of the environment of every program of ours.
    """
    database, ledger = new_database(postgresql), new_database(postgresql)
    prefect = PrefectServer(folder, Address().opened().port, database.replace(":", "+asyncpg:", 1))
    ports = (prefect.port, _port_of(api.url), _port_of(ledger))
    here = Stage(folder, api, prefect, ledger, targets, variables, ports)
    try:
        prefect.start()
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


def _port_of(url: str) -> int:
    port = urlsplit(url).port
    if port is None:
        raise ValueError(f"{url} has no port")
    return port
