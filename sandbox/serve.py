"""Serves a sandbox on a socket until a signal ends it."""

import asyncio
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from sandbox.api.connection import DroppableProtocol
from sandbox.app import create_app
from sandbox.settings import SandboxSettings

_GRACE_SECONDS = 1


def serve(settings: SandboxSettings, ready: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM, then end within two seconds.

    Args:
        settings: what to serve, and where.
        ready: called with the address once it answers.

    Raises:
        OSError: when the address is taken.
    """
    with _bound(settings) as listening:
        address = f"http://{settings.host}:{listening.getsockname()[1]}"
        server = _Server(_configuration(settings), lambda: ready(address))
        asyncio.run(server.serve(sockets=[listening]))


class _Server(uvicorn.Server):
    """uvicorn's server, which reports when it answers, and ends normally at a signal."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            self._ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _configuration(settings: SandboxSettings) -> uvicorn.Config:
    return uvicorn.Config(
        create_app(settings),
        http=DroppableProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        # The guard writes the API's own time.
        date_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )


def _bound(settings: SandboxSettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # Declared as TCP, so that asyncio sends small answers at once (it checks the protocol number).
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
        # From here a client's connection waits instead of being refused.
        listening.listen(2048)
    except OSError:
        listening.close()
        raise
    return listening
