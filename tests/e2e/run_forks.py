"""`fleet-backup run` without the second and a half of its imports: each run is a fork of one process that has them.

A fork has its own process id, session, environment, folder and output, and reads Prefect's settings again: kills,
signals and exit codes are those of a process. What is about the start of a process is tested in one that starts from
nothing; `conftest.FROM_NOTHING` names those tests.
"""

import json
import os
import select
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

_NUMBER = 4
"""Bytes of a process id or an exit code."""


class ForkedRun:
    """A run as its parent sees it: what the tests use of `subprocess.Popen`."""

    stdout = None

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._exit_code: int | None = None
        self.pid = _received(connection)

    def poll(self) -> int | None:
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, timeout: float | None = None) -> int:
        if self._exit_code is None:
            if not select.select([self._connection], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("fleet-backup run", timeout or 0.0)
            self._exit_code = _received(self._connection)
            self._connection.close()
        return self._exit_code

    def terminate(self) -> None:
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)


class RunForks:
    """The process that forks."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control

    def start(self, line: Sequence[str], home: Path, variables: Mapping[str, str]) -> ForkedRun:
        """Start a command line of `fleet-backup` in the working folder of a home; its output goes to files there."""
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self._control, [b"\0"], [theirs.fileno()])
        ours.sendall(json.dumps({"line": line, "home": str(home), "variables": variables}).encode() + b"\n")
        return ForkedRun(ours)


@contextmanager
def run_forks(program: Path, environment: Mapping[str, str]) -> Iterator[RunForks]:
    """Start the process that forks, for this installed `fleet-backup`; it ends with the context, or its parent."""
    ours, theirs = socket.socketpair()
    line = [str(program.parent / "python"), "-P", str(Path(__file__).with_name("forking.py")), str(program)]
    with theirs:
        process = subprocess.Popen(line, stdin=theirs.fileno(), env=environment, start_new_session=True)
    try:
        with ours:
            yield RunForks(ours)
    finally:
        process.wait(60)


def _received(connection: socket.socket) -> int:
    received = connection.recv(_NUMBER, socket.MSG_WAITALL)
    assert len(received) == _NUMBER, "the process that forks has ended; its reason is on stderr"
    return int.from_bytes(received, signed=True)
