"""A monitor that heartbeats are sent to: it keeps what it was told."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = "KEY-THAT-NOBODY-SEES"


class Monitor(ThreadingHTTPServer):
    """Answers with the given statuses, then with 200, and keeps what it was told."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.statuses: list[int] = []
        self.told: list[tuple[str, str, bytes]] = []
        self.authorizations: list[str | None] = []
        self.answers = threading.Event()
        self.answers.set()
        self.url = f"http://127.0.0.1:{self.server_port}/{KEY}"


class _Handler(BaseHTTPRequestHandler):
    server: Monitor

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.server.told.append((self.command, self.path, body))
        self.server.authorizations.append(self.headers.get("authorization"))
        self.server.answers.wait(20)
        self.send_response(self.server.statuses.pop(0) if self.server.statuses else 200)
        self.end_headers()

    do_GET = do_PUT = do_POST  # noqa: N815 - the standard library's names

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def listening() -> Iterator[Monitor]:
    """Serve on a free port of this machine."""
    with Monitor() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.answers.set()
        server.shutdown()
        thread.join()
