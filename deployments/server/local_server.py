"""A Prefect server of our own for one run, if the user has none.

Prefect's ephemeral mode loses the end of a run, prints tracebacks and often fails on a new home (measured in
docs/decisions/0002-own-prefect-server.md). This one is a child process, by default on a free port of this machine. It
also ends when its parent dies, so that nothing is left running.
"""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO, Final

from deployments.server.address import PASSWORD, Address
from deployments.server.child import Child
from deployments.server.user_folders import ui_settings

START_SECONDS: Final = 120.0
TUNING: Final = {
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_FLUSH_INTERVAL": "1",
}
"""With these the server records every task run of a large run; with the defaults it drops some."""
LEASES: Final = {"PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem"}
"""Leases on disk. In memory, a restart loses them: healthy runs are ended, and the slots of dead ones stay taken."""
_OURS: Final = ("SERVERAVATAR_", "FLEET_BACKUP_")
_OWN: Final = {
    **TUNING,
    **LEASES,
    "PREFECT_SERVER_UI_API_URL": "/api",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
}


class ServerStartError(RuntimeError):
    """The Prefect server did not start; the text names its log."""


@contextmanager
def local_server(
    home: Path, restarted: Callable[[str], None] | None = None, address: Address | None = None, password: str = ""
) -> Iterator[str]:
    """Run a Prefect server as a child for the time of the context.

    Args:
        home: the folder of its database (`PREFECT_HOME`); its output goes to `fleet-backup-server.log` there.
        restarted: receives a line for people when the server ended by itself and is started again, at the same URL;
            None: it is not started again.
        address: where it listens; None: on a free port of this machine.
        password: what its callers have to send, as `user:password`; empty: nothing.

    Yields:
        The URL of its API.

    Raises:
        ServerStartError: it ended at once, did not respond in time, cannot listen there, or its folder cannot be
            written.
    """
    log = home / "fleet-backup-server.log"
    opened = _free(address or Address())
    url = opened.api_url
    with _opened(log) as output:
        child = Child(lambda: _start(opened, password, home, output))
        try:
            _wait_until_healthy(child, url, log)
            if restarted is not None:
                child.keep(
                    lambda code: restarted(f"The Prefect server ended (exit code {code}; {log}). Starting it again.")
                )
            yield url
        finally:
            child.end()


def _opened(log: Path) -> BinaryIO:
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        return log.open("wb")
    except OSError as error:
        raise ServerStartError(
            f"{error.filename or log}: cannot be written: {error.strerror}; set PREFECT_HOME to a folder of yours"
        ) from None


def _start(address: Address, password: str, home: Path, output: BinaryIO) -> subprocess.Popen[bytes]:
    authentication = {PASSWORD: password} if password else {}
    settings = {**_OWN, **authentication, **ui_settings(home, os.environ), "PREFECT_HOME": str(home)}
    return subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-P", "-m", "deployments.server.process", address.host, str(address.port)],
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=output,
        env={**_without_secrets(os.environ), **settings},
        start_new_session=True,  # Ctrl-C ends the run; the server ends once the run is recorded.
    )


def _without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without our settings: the server needs none, and whoever sees its environment learns no token."""
    return {name: value for name, value in environment.items() if not name.upper().startswith(_OURS)}


def _free(address: Address) -> Address:
    try:
        return address.opened()
    except OSError as error:
        raise ServerStartError(
            f"the Prefect server cannot listen on {address}: {error.strerror}; "
            "change PREFECT_SERVER_API_HOST or PREFECT_SERVER_API_PORT, or end what listens there"
        ) from None


def _wait_until_healthy(server: Child, url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if (code := server.exit_code) is not None:
            raise ServerStartError(f"the Prefect server ended with exit code {code}; see {log}")
        if is_healthy(url):
            return
        time.sleep(0.2)
    raise ServerStartError(f"the Prefect server did not respond within {START_SECONDS:.0f} s; see {log}")


def is_healthy(url: str) -> bool:
    """Whether a Prefect server responds, by the URL of its API."""
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=5) as answer:  # noqa: S310 - http to this machine
            return bool(answer.status == HTTPStatus.OK)
    except (urllib.error.URLError, OSError):
        return False
