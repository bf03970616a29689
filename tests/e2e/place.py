"""The recipe of docs/operations.md on this machine: what its units start, with other paths and other ports.

One Prefect server on PostgreSQL is enough for all tests of a session that need one: each deploys what it needs.
"""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx

from tests.e2e.processes import clean_environment, end, wait_until
from tests.operations import FOLDER, PROGRAMS, command, variables
from tests.postgresql import new_database

USER, WORD = "admin", "word-of-this-server-0815"
KEY = "Zm9yLXRoaXMtdGVzdC1hbmQtZm9yLW5vdGhpbmctaXM="
QUICK = {
    "PREFECT_SERVER_DEPLOYMENTS_CONCURRENCY_SLOT_WAIT_SECONDS": "1",
    "PREFECT_SERVER_SERVICES_LATE_RUNS_AFTER_SECONDS": "1",
    "PREFECT_SERVER_SERVICES_LATE_RUNS_LOOP_SECONDS": "1",
}
"""A run waits for its slot for a second and not for thirty, and is late after a second and not after fifteen."""
FILLED_IN = {
    "@AUTH@": f"{USER}:{WORD}",
    "@KEY@": KEY,
    "127.0.0.1:4200": "127.0.0.1:{port}",
    "/var/lib/fleet-backup": "{home}",
}


class Place:
    """This machine in place of the one that the recipe is about: other paths, other ports, the same words."""

    def __init__(self, program: Path, home: Path, postgresql: str) -> None:
        self.home = home
        self._program = program
        with closing(socket.create_server(("127.0.0.1", 0))) as probe:
            self.port = str(probe.getsockname()[1])
        self._databases = {
            "PREFECT_SERVER_DATABASE_CONNECTION_URL": new_database(postgresql).replace(":", "+asyncpg:", 1),
            "FLEET_BACKUP_LEDGER_URL": new_database(postgresql),
        }

    def variables(self, file: str) -> dict[str, str]:
        """What an environment file sets."""
        found = variables(FOLDER / file)
        for written, here in FILLED_IN.items():
            place = here.format(port=self.port, home=self.home)
            found = {name: value.replace(written, place) for name, value in found.items()}
        return {name: self._databases.get(name, value) for name, value in found.items()}

    @property
    def url(self) -> str:
        """Of the API of the Prefect server."""
        return self.variables("fleet-backup.env")["PREFECT_API_URL"]

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Run the Prefect server for the time of the context."""
        with self.started("prefect-server.service", "prefect-server.env", **QUICK) as server:
            wait_until(lambda: is_healthy(self.url) or server.poll() is not None, "the Prefect server")
            assert server.poll() is None, (self.home / "prefect-server.service.log").read_text("utf-8")
            yield

    @contextmanager
    def started(self, unit: str, environment: str, **more: str) -> Iterator[subprocess.Popen[str]]:
        """Start what a unit starts, for the time of the context."""
        program, *words = command(FOLDER / unit)
        line = [str(self._program.parent / "python"), "-m", program.removeprefix(PROGRAMS)]
        line += [{"4200": self.port}.get(word, word) for word in words]
        known = clean_environment(self.home, **{**self.variables(environment), **more})
        with (self.home / f"{unit}.log").open("w") as log:
            process = subprocess.Popen(line, cwd=self.home, env=known, stdout=log, stderr=log, text=True)
        try:
            yield process
        finally:
            end(process)


def is_healthy(url: str) -> bool:
    """Its health is told without a password, for monitors."""
    try:
        return httpx.get(f"{url}/health", timeout=5).status_code == 200
    except httpx.TransportError:
        return False
