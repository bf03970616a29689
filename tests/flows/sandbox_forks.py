"""Sandboxes for the flow tests: forks of one process that has imported everything once, so each starts at once."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sandbox.__main__ import main

_ENDED = "null"


class SandboxForks:
    """The process that forks. It answers each wish, to start one or to end one, with a line."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def start(self, options: Sequence[str]) -> tuple[str, int]:
        """Start a sandbox with these options of `python -m sandbox`; returns its address and its process id."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(options) + "\n")
        self._process.stdin.flush()
        announced = self._line()
        assert announced != _ENDED, "the sandbox did not start; its reason is on stderr"
        told = json.loads(announced)
        return told["url"], told["pid"]

    def end(self, pid: int) -> None:
        """End a sandbox; returns when it has closed its files."""
        os.kill(pid, signal.SIGTERM)
        assert self._line() == _ENDED

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@contextmanager
def sandbox_forks() -> Iterator[SandboxForks]:
    """Start the process that forks; with it ends every sandbox."""
    command = [sys.executable, __file__]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield SandboxForks(process)


def _fork_for_each_line() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # Nobody waits for the forks.
    for line in sys.stdin:
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            try:
                main(["--end-with-parent", *json.loads(line)])
            finally:
                print(_ENDED, flush=True)  # noqa: T201 - the answer to whoever waits for its end
                os._exit(0)


if __name__ == "__main__":
    _fork_for_each_line()
