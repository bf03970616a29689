"""Debian's Prometheus for tests: `promtool`, and a server that reads the metrics of a folder through an exporter."""

import json
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

MISSING = "Debian's package prometheus is not installed; .ci/run installs it"
SECONDS = 60.0


def program(name: str) -> str:
    """Where a program of Prometheus is; without it the test is skipped, but not in CI."""
    found = shutil.which(name)
    if found is None:
        if os.environ.get("CI"):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    return found


class Prometheus:
    """A running server."""

    def __init__(self, url: str) -> None:
        self._url = url

    def rows(self, expression: str) -> list[dict[str, Any]]:
        """What an expression returns now."""
        response = httpx.get(f"{self._url}/api/v1/query", params={"query": expression}, timeout=10)
        answer = response.json()
        assert answer["status"] == "success", answer
        found: list[dict[str, Any]] = answer["data"]["result"]
        return found

    def wait(self, expression: str, process: subprocess.Popen[bytes]) -> None:
        """Wait until an expression returns something."""
        until = time.monotonic() + SECONDS
        while time.monotonic() < until and process.poll() is None:
            try:
                if self.rows(expression):
                    return
            except (httpx.TransportError, json.JSONDecodeError):
                pass
            time.sleep(0.1)  # Until another program is ready; no clock of ours decides that.
        pytest.fail(f"Prometheus has no {expression}")


@contextmanager
def prometheus(metrics: Path, folder: Path) -> Iterator[Prometheus]:
    """Serve the metrics of a folder of node_exporter's, and start a Prometheus that has read them.

    Args:
        metrics: holds the `.prom` files.
        folder: for what Prometheus stores.
    """
    binary = program("prometheus")
    with _exporter(metrics) as target, closing(socket.create_server(("127.0.0.1", 0))) as probe:
        address = f"127.0.0.1:{probe.getsockname()[1]}"
        settings = {
            "global": {"scrape_interval": "1s"},
            "scrape_configs": [{"job_name": "node", "static_configs": [{"targets": [target]}]}],
        }
        (folder / "prometheus.yml").write_text(json.dumps(settings), "utf-8")
        probe.close()
        line = [binary, "--config.file=prometheus.yml", "--storage.tsdb.path=data", f"--web.listen-address={address}"]
        with (folder / "prometheus.log").open("wb") as log:
            process = subprocess.Popen(line, cwd=folder, stdout=log, stderr=log)
        try:
            server = Prometheus(f"http://{address}")
            server.wait("up == 1", process)
            yield server
        finally:
            process.terminate()
            process.wait(SECONDS)


@contextmanager
def _exporter(metrics: Path) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.end_headers()
            for file in sorted(metrics.glob("*.prom")):
                self.wfile.write(file.read_bytes())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()
