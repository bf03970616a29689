"""A PostgreSQL of the chaos' own for the ledger: restarted, and its connections cut, while the runs go on."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benchmarks.chaos.api import ChaosApi

RESTARTS: Final = 20
CUTS: Final = 40
DOWN_SECONDS: Final = (0.0, 2.0, 4.0)
"""How long the server stays down at a restart, one after the other."""
POLL_SECONDS: Final = 0.1
ENDS: Final = {"at once": signal.SIGQUIT, "fast": signal.SIGINT}
"""How the server is stopped: as in a crash, or rolling back what is under way (`pg_ctl stop -m`)."""
CUT: Final = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = 'ledger'"
UNPRIVILEGED: Final = "postgres"
"""Whom the server runs as where the benchmark runs as root, which PostgreSQL refuses."""


class Cluster:
    """A server in a folder of its own, a child of this process.

    Attributes:
        url: of the database `ledger` on it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._user = UNPRIVILEGED if os.geteuid() == 0 else None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self.url = f"postgresql://fleet@127.0.0.1:{self._port}/ledger"
        self._server: subprocess.Popen[bytes] | None = None

    def make(self) -> None:
        """Make the cluster and its database."""
        shutil.chown(self._folder, user=self._user) if self._user else None
        self._call("initdb", "-D", "data", "-U", "fleet", "-A", "trust")
        self.start()
        self._ask("CREATE DATABASE ledger", "postgres")

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        options = ["listen_addresses=127.0.0.1", f"port={self._port}", f"unix_socket_directories={self._folder}"]
        command = [_program("postgres"), "-D", "data", *(word for option in options for word in ("-c", option))]
        with (self._folder / "log").open("ab") as log:
            self._server = subprocess.Popen(command, cwd=self._folder, user=self._user, stdout=log, stderr=log)  # noqa: S603 - ours
        ready = [_program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self._port)]
        while subprocess.run(ready, check=False).returncode != 0:  # noqa: S603 - ours
            if self._server.poll() is not None:
                raise RuntimeError(f"PostgreSQL did not start: {(self._folder / 'log').read_text('utf-8', 'replace')}")
            time.sleep(0.05)

    def stop(self, end: signal.Signals) -> None:
        """Stop it, and wait until it has ended."""
        if self._server:
            self._server.send_signal(end)
            self._server.wait()

    def cut(self) -> int:
        """Cut all connections to the ledger; returns how many."""
        return int(self._ask(CUT, "postgres"))

    def _ask(self, statement: str, database: str) -> str:
        where = ["-h", "127.0.0.1", "-p", str(self._port), "-U", "fleet", database]
        return self._call("psql", "-qXtA", "-c", statement, *where)

    def _call(self, program: str, *arguments: str) -> str:
        command = [_program(program), *arguments]
        done = subprocess.run(command, cwd=self._folder, user=self._user, capture_output=True, text=True, check=True)  # noqa: S603 - ours
        return done.stdout.strip()


class Outages:
    """Restarts the server and cuts connections, spread evenly over the creates that the API receives.

    Attributes:
        made: what was done, by kind.
    """

    def __init__(self, cluster: Cluster, api: ChaosApi, targets: int) -> None:
        self._cluster, self._api = cluster, api
        events = RESTARTS + CUTS
        self._every = max(1, targets - targets // 10) / events
        self.made: Counter[str] = Counter()
        self._over = threading.Event()

    def make(self) -> None:
        """Make them all, unless the runs end before."""
        for number in range(RESTARTS + CUTS):
            while self._creates() < (number + 1) * self._every:
                if self._over.wait(POLL_SECONDS):
                    return
            if number % 3 == 0:
                self._restart(number // 3)
            else:
                self._cut()

    def end(self) -> None:
        """Make no more."""
        self._over.set()

    def _creates(self) -> int:
        return int(self._api.requests()["by_call"].get("create", 0))

    def _restart(self, number: int) -> None:
        name = list(ENDS)[number % len(ENDS)]
        self._cluster.stop(ENDS[name])
        time.sleep(DOWN_SECONDS[number % len(DOWN_SECONDS)])
        self._cluster.start()
        self.made[f"PostgreSQL restarted, stopped {name}"] += 1

    def _cut(self) -> None:
        """Cut what there is; between two runs that is nothing, and it is tried again."""
        while not (cut := self._cluster.cut()):
            if self._over.wait(POLL_SECONDS):
                return
        self.made["connections to the ledger cut"] += 1
        self.made["... how many at that"] += cut


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A cluster for the time of the context, in a folder that its own user can reach."""
    folder = Path(tempfile.mkdtemp(prefix="chaos-postgresql-"))
    made = Cluster(folder)
    try:
        made.make()
        yield made
    finally:
        made.stop(signal.SIGQUIT)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def disturbed(cluster: Cluster | None, api: ChaosApi, targets: int) -> Iterator[Counter[str]]:
    """Let the outages happen for the time of the context; none without a cluster."""
    if cluster is None:
        yield Counter()
        return
    outages = Outages(cluster, api, targets)
    thread = threading.Thread(target=outages.make)
    thread.start()
    try:
        yield outages.made
    finally:
        outages.end()
        thread.join()


def _program(name: str) -> str:
    """Debian keeps the server's programs out of the path."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    program = str(found[-1]) if found else shutil.which(name)
    if program is None:
        raise RuntimeError(f"{name} is missing: install PostgreSQL")
    return program
