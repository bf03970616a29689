"""A Prefect server of our own for one run, if the user has none.

Prefect's ephemeral mode loses the end of a run, prints tracebacks and often fails on a new home (measured in
docs/decisions/0002-own-prefect-server.md). This one is a child process on a free port of this machine. It also ends
when its parent dies, so that nothing is left running.
"""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Final

START_SECONDS: Final = 120.0
STOP_SECONDS: Final = 20.0
TUNING: Final = {
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_FLUSH_INTERVAL": "1",
}
"""With these the server records every task run of a large run; with the defaults it drops some."""
_OURS: Final = ("SERVERAVATAR_", "FLEET_BACKUP_")
_OWN: Final = {
    **TUNING,
    "PREFECT_SERVER_UI_API_URL": "/api",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
}


class ServerStartError(RuntimeError):
    """The Prefect server did not start; the text names its log."""


@contextmanager
def local_server(home: Path) -> Iterator[str]:
    """Run a Prefect server as a child for the time of the context.

    Args:
        home: the folder of its database (`PREFECT_HOME`); its output goes to `fleet-backup-server.log` there.

    Yields:
        The URL of its API.

    Raises:
        ServerStartError: it ended at once, or did not respond in time.
    """
    home.mkdir(parents=True, exist_ok=True)
    log = home / "fleet-backup-server.log"
    port = _free_port()
    with log.open("wb") as output:
        server = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", "deployments.server_process", str(port)],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            env={**_without_secrets(os.environ), **_OWN, "PREFECT_HOME": str(home)},
            start_new_session=True,  # Ctrl-C ends the run; the server ends once the run is recorded.
        )
    try:
        url = f"http://127.0.0.1:{port}/api"
        _wait_until_healthy(server, url, log)
        yield url
    finally:
        _end(server)


def _without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without our settings: the server needs none, and whoever sees its environment learns no token."""
    return {name: value for name, value in environment.items() if not name.upper().startswith(_OURS)}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_healthy(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise ServerStartError(f"the Prefect server ended with exit code {server.returncode}; see {log}")
        if _is_healthy(url):
            return
        time.sleep(0.2)
    raise ServerStartError(f"the Prefect server did not respond within {START_SECONDS:.0f} s; see {log}")


def _is_healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=5) as answer:  # noqa: S310 - http to this machine
            return bool(answer.status == HTTPStatus.OK)
    except (urllib.error.URLError, OSError):
        return False


def _end(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
    if server.stdin:
        server.stdin.close()
