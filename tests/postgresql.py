"""A private PostgreSQL for tests, from Debian's package: a folder of its own, 127.0.0.1, ended by its pid."""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

DEBIAN: Final = Path("/usr/lib/postgresql")
USER: Final = "nobody"
"""Who runs it when the tests run as root: PostgreSQL refuses root."""
START_WITHIN_SECONDS: Final = 60.0
LOCAL: Final = {"LANG": "C.UTF-8", "PATH": os.environ.get("PATH", os.defpath)}


def program(name: str) -> str | None:
    """Where a program of PostgreSQL is: on the path, or where Debian puts its newest; None if nowhere."""
    found = sorted(DEBIAN.glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    return shutil.which(name) or (str(found[-1]) if found else None)


def is_installed() -> bool:
    """Whether this machine has the server."""
    return None not in (program("initdb"), program("postgres"), program("createdb"))


@dataclass(frozen=True)
class PostgreSQL:
    """A running server."""

    folder: Path
    port: int

    def new_database(self) -> str:
        """Make an empty database and return its URL."""
        name = f"ledger_{secrets.token_hex(4)}"
        address = ["--host", "127.0.0.1", "--port", str(self.port), "--username", "ledger"]
        _run("createdb", *address, name)
        return f"postgresql://ledger@127.0.0.1:{self.port}/{name}"


@contextmanager
def postgresql() -> Iterator[PostgreSQL]:
    """Run a server for the time of the context; durability is left out, since nothing of it is kept."""
    folder = Path(tempfile.mkdtemp(prefix="postgresql-"))
    server = None
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, USER)
        cluster, port = folder / "data", _free_port()
        _run("initdb", "-D", cluster, "-U", "ledger", "-A", "trust", "-E", "UTF8", "--locale=C", "-N", **_unprivileged())
        settings = ["-c", "fsync=off", "-c", f"unix_socket_directories={folder}", "-c", "listen_addresses=127.0.0.1"]
        line = [str(program("postgres")), "-D", str(cluster), "-p", str(port), *settings]
        with (folder.parent / f"{folder.name}.log").open("wb") as log:
            server = subprocess.Popen(line, cwd="/", env=LOCAL, stdout=log, stderr=log, **_unprivileged())
        _wait_until_ready(server, cluster / "postmaster.pid", Path(log.name))
        yield PostgreSQL(folder, port)
    finally:
        if server is not None:
            _end(server)
        shutil.rmtree(folder)
        Path(f"{folder}.log").unlink(missing_ok=True)


def _run(name: str, *arguments: object, **options: Any) -> None:
    line = [str(program(name)), *map(str, arguments)]
    ended = subprocess.run(line, cwd="/", env=LOCAL, capture_output=True, text=True, check=False, **options)
    if ended.returncode != 0:
        raise RuntimeError(f"{name} ended with {ended.returncode}: {ended.stdout}{ended.stderr}")


def _unprivileged() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    return {"user": USER, "group": pwd.getpwnam(USER).pw_gid, "extra_groups": []}


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _wait_until_ready(server: subprocess.Popen[bytes], pid_file: Path, log: Path) -> None:
    deadline = time.monotonic() + START_WITHIN_SECONDS
    while not (pid_file.exists() and "ready" in pid_file.read_text("utf-8")):
        if server.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"PostgreSQL did not start: {log.read_text('utf-8', errors='replace')}")
        time.sleep(0.05)


def _end(server: subprocess.Popen[bytes]) -> None:
    """Shut down fast: clients are not waited for."""
    server.send_signal(signal.SIGINT)
    with suppress(subprocess.TimeoutExpired):
        server.wait(20)
    if server.poll() is None:
        server.send_signal(signal.SIGQUIT)
        server.wait(20)
