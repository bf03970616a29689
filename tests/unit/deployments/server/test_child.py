"""A child process that is kept: it is started again when it ends by itself, and never after its owner ended it."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from queue import Queue

import pytest

from deployments.server.child import Child

WAITS = "import sys; sys.stdin.buffer.read()"


def starting(program: str, started: "Queue[int]") -> Callable[[], subprocess.Popen[bytes]]:
    def start() -> subprocess.Popen[bytes]:
        process = subprocess.Popen([sys.executable, "-S", "-c", program], stdin=subprocess.PIPE)
        started.put(process.pid)
        return process

    return start


def test_a_kept_child_that_was_killed_is_started_again_and_its_exit_code_is_reported() -> None:
    started: Queue[int] = Queue()
    ended: Queue[int] = Queue()
    child = Child(starting(WAITS, started), first_seconds=0)
    child.keep(ended.put)
    pids = [started.get(timeout=30)]
    for _ in range(2):
        os.kill(pids[-1], signal.SIGKILL)
        assert ended.get(timeout=30) == -9
        pids.append(started.get(timeout=30))
    child.end()
    assert child.exit_code is not None
    assert started.empty()
    assert ended.empty()
    assert len(set(pids)) == 3


@pytest.mark.parametrize("kept", [False, True])
def test_a_child_that_its_owner_ends_is_not_started_again(kept: bool) -> None:
    started: Queue[int] = Queue()
    ended: Queue[int] = Queue()
    child = Child(starting(WAITS, started))
    if kept:
        child.keep(ended.put)
    child.end()
    assert child.exit_code is not None
    assert started.qsize() == 1
    assert ended.empty()


def test_an_owner_that_ends_during_the_pause_does_not_wait_for_it() -> None:
    started: Queue[int] = Queue()
    ended = threading.Event()
    child = Child(starting("", started), first_seconds=3600)
    child.keep(lambda _: ended.set())
    assert ended.wait(30)
    child.end()
    assert started.qsize() == 1
