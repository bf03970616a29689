"""A private PostgreSQL for tests and benchmarks: a cluster in a folder of its own, ended by its own process id."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

MISSING: Final = "PostgreSQL is needed to prove the ledger on it: apt-get install postgresql"
UNPRIVILEGED: Final = ("postgres", "nobody")
"""Whom the server may run as when this process runs as root; PostgreSQL refuses to run as root."""
_QUICK: Final = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=16MB")
"""For tests: what they write need not survive."""


class Cluster:
    """A server on this machine, a child of this process, that trusts everybody on it.

    Attributes:
        url: of the server, to which `/` and the name of a database are added.
    """

    def __init__(self, folder: Path, options: Sequence[str] = ()) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        self.url = f"postgresql://fleet@127.0.0.1:{port}"
        self._folder = folder
        self._user = _user()
        own = ("listen_addresses=127.0.0.1", f"port={port}", f"unix_socket_directories={folder}")
        self._options = [word for option in (*own, *options) for word in ("-c", option)]
        self._ready = [_program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port), "-t", "30"]
        self._server: subprocess.Popen[bytes] | None = None

    def make(self) -> None:
        """Make it, and start it."""
        if self._user:
            shutil.chown(self._folder, user=self._user)
        _run([_program("initdb"), "-D", "data", "-U", "fleet", "-A", "trust", "-N"], self._folder, self._user)
        self.start()

    def start(self) -> None:
        """Start `postgres` itself, not by `pg_ctl`, so that it is a child of this process; wait until it is ready."""
        command = [_program("postgres"), "-D", "data", *self._options]
        with (self._folder / "log").open("ab") as log:
            self._server = subprocess.Popen(command, cwd=self._folder, user=self._user, stdout=log, stderr=log)
        while subprocess.run(self._ready, check=False).returncode != 0:
            if self._server.poll() is not None:
                raise RuntimeError(f"PostgreSQL did not start: {(self._folder / 'log').read_text('utf-8', 'replace')}")
            time.sleep(0.05)

    def stop(self, end: signal.Signals) -> None:
        """Stop it, and wait until it has ended."""
        if self._server:
            self._server.send_signal(end)
            self._server.wait()


@contextmanager
def cluster(*options: str) -> Iterator[Cluster]:
    """A cluster with these settings for the time of the context."""
    folder = Path(tempfile.mkdtemp(prefix="fleet-backup-postgresql-"))
    made = Cluster(folder, options)
    try:
        made.make()
        yield made
    finally:
        made.stop(signal.SIGQUIT)  # At once: what a checkpoint would save is deleted anyway.
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgresql_server() -> Iterator[str]:
    """Start a quick server for tests; skip them where PostgreSQL is missing, but not in CI.

    Yields:
        The server's URL; `new_database` makes a database.
    """
    try:
        _program("initdb")
    except FileNotFoundError:
        if os.environ.get("CI"):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    with cluster(*_QUICK) as made:
        yield made.url


def new_database(server: str) -> str:
    """Make an empty database; returns its URL."""
    name = f"ledger_{uuid.uuid4().hex}"
    ask(server, f"CREATE DATABASE {name} STRATEGY wal_log")
    return f"{server}/{name}"


def ask(server: str, statement: str) -> str:
    """Execute a statement on a server, outside any database of ours; returns what it answers."""
    return _run([_program("psql"), "-qXtA", "-c", statement, f"{server}/postgres"], Path("/"), None)


def _run(command: list[str], folder: Path, user: str | None) -> str:
    done = subprocess.run(command, cwd=folder, user=user, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} failed: {done.stderr}")
    return done.stdout.strip()


def _program(name: str) -> str:
    """Debian keeps the server's programs out of the path.

    Raises:
        FileNotFoundError: it is missing.
    """
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    program = str(found[-1]) if found else shutil.which(name)
    if program is None:
        raise FileNotFoundError(MISSING)
    return program


def _user() -> str | None:
    if os.geteuid() != 0:
        return None
    for name in UNPRIVILEGED:
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise RuntimeError("PostgreSQL cannot run as root, and there is no user postgres or nobody")
