"""`fleet-backup doctor` on real sandboxes: on each dialect it names exactly what differs, with one proof and after."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from cli import main
from tests.e2e.processes import ROOT, clean_environment, end, exit_code

Doctor = Callable[..., tuple[int, dict[str, Any]]]
FLEET = """
organization: 5
defaults: {provider: wasabi, cloud_storage_provider_id: 10, automatic_backup: false}
servers:
  - id: 15
    backups: [{application_id: 4246, type: filesystem, application_extension: .tar}]
"""
BEFORE: dict[str, Any] = {
    "provider": "wasabi",
    "cloud_storage_provider_id": 10,
    "automatic_backup": False,
    "type": "filesystem",
    "application_id": 4246,
    "application_extension": ".tar",
}
HEADERS = {"Authorization": "sandbox-token"}
DIALECTS = {
    "documented": set(),
    "nameless": {"names"},
    "cut-names": {"names"},
    "dated-names": {"names"},
    "slugged-names": {"names"},
    "top-names": {"names"},
    "other-words": {"words of status"},
    "yes-no": {"form of flags"},
    "sizes-with-units": {"form of sizes"},
    "no-sizes": {"sizes"},
    "empty-sizes": {"empty archives"},
    "oldest-first": {"order of backups"},
    "no-totals": {"totals"},
    "local-time": {"zone of times"},
    "late-list": {"delay of the list"},
    "iso-stamps": {"form of times"},
}


class Sandbox:
    """A sandbox of a dialect, and a home from which it is examined."""

    def __init__(self, folder: Path, dialect: str) -> None:
        self.home = folder / "home"
        self.home.mkdir()
        (self.home / "fleet.yaml").write_text(FLEET, "utf-8")
        words = ["--world", "fleet", "--servers", "2", "--applications-per-server", "2", "--backup-seconds", "1"]
        command = [sys.executable, "-m", "sandbox", "--folder", str(folder / "sandbox"), "--port", "0", *words]
        self.process = subprocess.Popen(
            [*command, "--dialect", dialect], cwd=ROOT, stdout=subprocess.PIPE, text=True, stderr=subprocess.DEVNULL
        )
        assert self.process.stdout is not None
        self.url: str = json.loads(self.process.stdout.readline())["url"]

    def make_backups(self, count: int) -> None:
        """What was there before."""
        for _ in range(count):
            answer = httpx.post(f"{self.url}/organizations/5/servers/15/backups", json=BEFORE, headers=HEADERS)
            answer.raise_for_status()
        httpx.post(f"{self.url}/_sandbox/settle").raise_for_status()

    def names(self) -> list[str]:
        """The names that backups were given, whatever is shown of them."""
        rows: list[dict[str, Any]] = httpx.get(f"{self.url}/_sandbox/backups").json()["backups"]
        return [row["backup_configuration"]["name"] or "" for row in rows]

    @property
    def environment(self) -> dict[str, str]:
        """What the command needs to know."""
        return {"SERVERAVATAR_API_URL": self.url, "SERVERAVATAR_API_TOKEN": "sandbox-token", "HOME": str(self.home)}

    def report(self, code: int, out: str, err: str) -> tuple[int, dict[str, Any]]:
        """Exit code and report; nothing private is shown."""
        assert out, err
        for private in ("sandbox-token", self.url, str(self.home)):
            assert private not in out + err
        # As a word: the microseconds of a time may hold the same digits.
        assert not re.search(r"\b4246\b", out + err)
        return code, json.loads(out)

    def doctor(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        """Run the command in a process of its own."""
        program = Path(sys.executable).parent / "fleet-backup"
        ended = subprocess.run(
            [str(program), "doctor", *arguments, "--json"],
            cwd=self.home,
            env=clean_environment(self.home, **self.environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        return self.report(ended.returncode, ended.stdout, ended.stderr)


@pytest.fixture
def doctor_here(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Doctor:
    """Run the command in this process: its start costs more than all that it does."""
    for name in [name for name in os.environ if name.startswith(("SERVERAVATAR_", "FLEET_BACKUP_", "XDG_"))]:
        monkeypatch.delenv(name)
    for name, value in sandbox.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(sandbox.home)

    def run(*arguments: str) -> tuple[int, dict[str, Any]]:
        monkeypatch.setattr(sys, "argv", ["fleet-backup", "doctor", *arguments, "--json"])
        code = exit_code(main.main)
        return sandbox.report(code, *capsys.readouterr())

    return run


@pytest.fixture
def sandbox(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Sandbox]:
    started = Sandbox(tmp_path, request.param)
    yield started
    end(started.process)


def differing(report: dict[str, Any]) -> set[str]:
    return {finding["name"] for finding in report["findings"] if finding["status"] == "differs"}


@pytest.mark.parametrize(
    ("sandbox", "dialect"), [(name, name) for name in DIALECTS], indirect=["sandbox"], ids=DIALECTS
)
def test_with_one_proof_it_names_exactly_what_differs(sandbox: Sandbox, doctor_here: Doctor, dialect: str) -> None:
    assert_names_exactly_what_differs(sandbox, doctor_here, dialect)


@pytest.mark.parametrize("sandbox", ["yes-no"], indirect=True)
def test_the_command_does_so_in_a_process_of_its_own(sandbox: Sandbox) -> None:
    assert_names_exactly_what_differs(sandbox, sandbox.doctor, "yes-no")


def assert_names_exactly_what_differs(sandbox: Sandbox, doctor: Doctor, dialect: str) -> None:
    sandbox.make_backups(3)
    code, report = doctor("fleet.yaml", "--prove", "4246", "--yes")
    expected = DIALECTS[dialect]
    assert differing(report) == expected
    assert code == report["exit_code"] == (7 if expected else 0)
    assert sum("fleet-backup doctor" in name for name in sandbox.names()) == 1
    code, later = doctor("fleet.yaml")
    assert differing(later) == expected
    assert (code, later["proof"], later["changes"]) == (7 if expected else 0, None, [])
    assert later["requests"]["total"] <= 12


@pytest.mark.parametrize("sandbox", ["documented"], indirect=True)
def test_without_a_fleet_file_the_account_is_looked_at(sandbox: Sandbox) -> None:
    sandbox.make_backups(25)
    before = len(sandbox.names())
    code, report = sandbox.doctor()
    assert (code, differing(report)) == (0, set())
    assert report["requests"]["total"] <= 12
    assert len(sandbox.names()) == before
