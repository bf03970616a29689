"""A private PostgreSQL for tests: a cluster of its own in a folder of its own, ended by its own process id."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

MISSING: Final = "PostgreSQL is needed to prove the ledger on it: apt-get install postgresql"
UNPRIVILEGED: Final = ("postgres", "nobody")
"""Whom the server may run as when the tests run as root; PostgreSQL refuses to run as root."""
_OPTIONS: Final = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=16MB")


@contextmanager
def postgresql_server() -> Iterator[str]:
    """Start a server on this machine, trusting everybody on it.

    Yields:
        The server's URL, to which `/` and the name of a database are added; `new_database` makes one.
    """
    binaries = _binaries()
    folder = Path(tempfile.mkdtemp(prefix="fleet-backup-postgresql-"))
    try:
        user = _user()
        if user:
            shutil.chown(folder, user=user)
        _run([str(binaries / "initdb"), "-D", str(folder / "data"), "-U", "fleet", "-A", "trust", "-N"], folder, user)
        with _serving(binaries, folder, user) as port:
            yield f"postgresql://fleet@127.0.0.1:{port}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def new_database(server: str) -> str:
    """Make an empty database; returns its URL."""
    name = f"ledger_{uuid.uuid4().hex}"
    command = [str(_binaries() / "psql"), "-qX", "-c", f"CREATE DATABASE {name} STRATEGY wal_log", f"{server}/postgres"]
    _run(command, Path("/"), None)
    return f"{server}/{name}"


@contextmanager
def _serving(binaries: Path, folder: Path, user: str | None) -> Iterator[int]:
    """Start `postgres` itself, not by `pg_ctl`, so that it is a child of this process."""
    port = _free_port()
    options = ["listen_addresses=127.0.0.1", f"port={port}", f"unix_socket_directories={folder}", *_OPTIONS]
    command = [str(binaries / "postgres"), "-D", str(folder / "data")]
    command += [word for option in options for word in ("-c", option)]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, cwd=folder, user=user, stdout=log, stderr=log)
    try:
        ready = [str(binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port), "-t", "30"]
        while subprocess.run(ready, check=False).returncode != 0:
            if server.poll() is not None:
                pytest.fail(f"PostgreSQL did not start: {(folder / 'log').read_text('utf-8', 'replace')}")
            time.sleep(0.05)
        yield port
    finally:
        server.send_signal(signal.SIGQUIT)  # At once: what a checkpoint would save is deleted anyway.
        server.wait()


def _run(command: list[str], folder: Path, user: str | None) -> None:
    done = subprocess.run(command, cwd=folder, user=user, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.fail(f"{command[0]} failed: {done.stderr}")


def _binaries() -> Path:
    """Debian keeps them out of the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    if on_path := shutil.which("initdb"):
        return Path(on_path).resolve().parent
    if os.environ.get("CI"):
        pytest.fail(MISSING)
    pytest.skip(MISSING)


def _user() -> str | None:
    if os.geteuid() != 0:
        return None
    for name in UNPRIVILEGED:
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    pytest.fail("PostgreSQL cannot run as root, and there is no user postgres or nobody")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
