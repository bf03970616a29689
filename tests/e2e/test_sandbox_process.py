"""The sandbox as a process of its own, on a real socket."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

CREATE = "/organizations/5/servers/15/backups"
INSTANT: dict[str, Any] = {
    "provider": "wasabi",
    "cloud_storage_provider_id": 10,
    "automatic_backup": False,
    "type": "filesystem",
    "application_id": 4246,
    "application_extension": ".tar",
}
HEADERS = {"Authorization": "sandbox-token"}
Start = Callable[..., tuple["subprocess.Popen[str]", str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a sandbox and return it with its address; whatever still runs is ended by its own pid."""
    started: list[subprocess.Popen[str]] = []

    def run(*arguments: str) -> tuple["subprocess.Popen[str]", str]:
        fleet = ("--world", "fleet", "--servers", "1", "--applications-per-server", "1")
        command = [sys.executable, "-m", "sandbox", "--folder", str(tmp_path), *fleet, *arguments]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert ready["pid"] == process.pid
        return process, ready["url"]

    yield run
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(("moment", "made"), [("before", 0), ("after", 1)])
def test_a_dropped_connection_has_no_answer(start: Start, moment: str, made: int) -> None:
    process, url = start("--fault", json.dumps({"kind": "drop", "call": "create", "moment": moment, "first": 1}))
    with httpx.Client(base_url=url, headers=HEADERS) as client:
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            client.post(CREATE, json=INSTANT)
        assert len(client.get("/_sandbox/backups").json()["backups"]) == made
        assert client.post(CREATE, json=INSTANT).status_code == 200
    process.terminate()
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, output, errors) == (0, "", "")


def test_what_a_kill_cut_short_is_continued(start: Start) -> None:
    process, url = start("--backup-seconds", "3600")
    assert httpx.post(url + CREATE, json=INSTANT, headers=HEADERS).status_code == 200
    process.send_signal(signal.SIGKILL)
    process.communicate()
    _, url = start("--backup-seconds", "0")
    httpx.post(url + "/_sandbox/settle")
    [backup] = httpx.get(url + "/_sandbox/backups").json()["backups"]
    assert backup["status"] == "Completed"


def test_it_ends_with_its_parent(tmp_path: Path) -> None:
    starter = (
        "import subprocess, sys; "
        "p = subprocess.Popen([sys.executable, '-m', 'sandbox', '--folder', sys.argv[1], '--world', 'fleet', "
        "'--servers', '1', '--applications-per-server', '1', '--end-with-parent'], stdout=subprocess.PIPE); "
        "print(p.stdout.readline().decode(), flush=True)"
    )
    parent = subprocess.run(
        [sys.executable, "-c", starter, str(tmp_path)], capture_output=True, text=True, timeout=60, check=True
    )
    pid = json.loads(parent.stdout)["pid"]
    until = time.monotonic() + 30
    while _runs(pid):
        assert time.monotonic() < until, "the sandbox outlived its parent"
        time.sleep(0.05)  # another process ends in its own time: no clock to hand in


def test_a_token_comes_from_a_file_and_is_kept_nowhere(start: Start, tmp_path: Path) -> None:
    token = tmp_path.parent / f"{tmp_path.name}-token"
    token.write_text("very-secret-token\n")
    process, url = start("--token-file", str(token))
    assert httpx.get(url + "/organizations", headers=HEADERS).status_code == 401
    assert httpx.get(url + "/organizations", headers={"Authorization": "very-secret-token"}).status_code == 200
    process.terminate()
    process.communicate(timeout=60)
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"very-secret" in path.read_bytes()]


def test_a_wrong_fault_is_one_line_and_no_traceback(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sandbox", "--folder", str(tmp_path), "--fault", '{"kind": "fire"}']
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert "kind must be one of" in ended.stderr.splitlines()[-1]


def test_it_speaks_the_dialect_that_was_asked_for(start: Start) -> None:
    _, url = start("--dialect", "nameless,page_size=2", "--dialect", '{"completed_status": "done, all of it"}')
    with httpx.Client(base_url=url, headers=HEADERS) as client:
        assert client.post(CREATE, json={**INSTANT, "name": "nightly"}).status_code == 200
        client.post("/_sandbox/settle")
        page = client.get("/organizations/5/backups").json()
        [truth] = client.get("/_sandbox/backups").json()["backups"]
    [row] = page["data"]
    assert page["per_page"] == 2
    assert (row["backup_configuration"]["name"], row["status"]) == (None, "done, all of it")
    assert (truth["backup_configuration"]["name"], truth["status"]) == ("nightly", "Completed")


@pytest.mark.parametrize("command", [("-m", "sandbox"), ("-m", "cli", "sandbox")])
def test_a_wrong_dialect_says_what_is_allowed_and_serves_nothing(tmp_path: Path, command: tuple[str, ...]) -> None:
    options = ("--folder", str(tmp_path), "--dialect", "order=upwards")
    ended = subprocess.run(
        [sys.executable, *command, *options], capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 2
    assert ended.stderr.splitlines()[-1].endswith("order must be one of newest, oldest, shuffled, not 'upwards'")
    assert not list(tmp_path.iterdir())


def test_the_dialects_are_listed(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sandbox", "--folder", str(tmp_path), "--dialect", "list"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert "nameless " in ended.stdout
    assert "shows_after " in ended.stdout
    assert not list(tmp_path.iterdir())


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A child of a dead parent stays as a zombie where nobody reaps it.
    status = Path(f"/proc/{pid}/stat")
    return not (status.exists() and status.read_text().rsplit(")", 1)[1].split()[0] == "Z")
