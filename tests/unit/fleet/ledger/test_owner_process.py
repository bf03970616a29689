"""Whether a process is still there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fleet.ledger.owner_process import is_alive, process_space


def test_this_process_is_alive() -> None:
    assert is_alive(os.getpid())


def test_a_process_that_ended_is_not() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert not is_alive(ended.pid)


def test_a_process_of_somebody_else_is_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(pid: int, signal: int) -> None:
        raise PermissionError(pid, signal)

    monkeypatch.setattr(os, "kill", refuse)
    assert is_alive(1)


def test_processes_of_one_space_see_the_same_space() -> None:
    code = "from fleet.ledger.owner_process import process_space; print(process_space())"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == process_space() != ""


def test_where_the_system_does_not_tell_there_is_no_space(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object, **__: object) -> str:
        raise FileNotFoundError

    monkeypatch.setattr(Path, "read_text", missing)
    assert process_space() == ""
