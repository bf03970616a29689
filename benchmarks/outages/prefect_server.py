"""The operator's Prefect server, and how one waits for what it does."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from deployments.server.local_server import LEASES, TUNING, is_healthy

LONGEST_SECONDS: Final = 900.0
_KEPT: Final = ("PATH", "LANG")


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
        environment = kept() | {
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


def until(holds: Callable[[], bool], what: str, seconds: float = LONGEST_SECONDS) -> float:
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


def kept() -> dict[str, str]:
    """What every program keeps of this one's environment."""
    return {name: os.environ[name] for name in _KEPT if name in os.environ}
