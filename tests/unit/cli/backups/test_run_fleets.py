"""Fleets one after another: what ends one of them ends no other, and all are in one report."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cli.backups import run_fleets as command
from cli.backups.wanted import WantedRun
from cli.output_format import Format
from cli.terminal.terminal import Terminal
from fleet.fleet_file.mistakes import FleetFileError, Mistake
from fleet.inventory.caps import Caps
from fleet.report.report import Report, Requests
from fleet.selection.selection import NothingLeftError
from fleet.settings.settings import Settings

FLEETS = """
fleets:
  - {name: acme, file: acme.yaml, credentials: acme, max_running_per_server: 2}
  - {name: globex, file: globex.yaml, token_file: globex.token}
  - {name: ours, file: ours.yaml}
"""
TOKEN = "tok-of-globex-0815"


def report(code: int, verdict: str) -> Report:
    now = datetime(2026, 11, 29, tzinfo=UTC)
    requests = Requests(total=1, by_call={})
    fields: dict[str, Any] = {"run_key": "k", "started_at": now, "ended_at": now, "requests": requests}
    return Report(**fields, totals={}, verdict=verdict, exit_code=code, targets=[])


class Runs:
    """In place of the runs: what each fleet does, by its name, and what was asked of it."""

    def __init__(self) -> None:
        self.asked: dict[str, WantedRun] = {}
        self.does: dict[str, Callable[[], Report]] = {}

    async def work_of(self, wanted: WantedRun, _ledger_url: str) -> str:
        self.asked[wanted.listed_as] = wanted
        return "6 backups on 2 servers"

    def run_flow(self, wanted: WantedRun, terminal: Terminal, _url: str) -> bool:
        terminal.finished(self.does.get(wanted.listed_as, lambda: report(0, "6 verified"))())
        return True


def raising(error: BaseException) -> Callable[[], Report]:
    def do() -> Report:
        raise error

    return do


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runs:
    @contextmanager
    def no_server(*_: object) -> Iterator[str]:
        yield "http://127.0.0.1:1/api"

    runs = Runs()
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SERVERAVATAR_API_TOKEN", "tok-of-the-environment")
    monkeypatch.setattr(command, "work_of", runs.work_of)
    monkeypatch.setattr(command, "run_flow", runs.run_flow)
    monkeypatch.setattr(command, "prefect_server", no_server)
    monkeypatch.setattr(command, "end_at_sigterm_as_at_ctrl_c", lambda: None)
    (tmp_path / "fleets.yaml").write_text(FLEETS, "utf-8")
    (tmp_path / "globex.token").touch(mode=0o600)
    (tmp_path / "globex.token").write_text(TOKEN, "utf-8")
    return runs


def run(capsys: pytest.CaptureFixture[str], **wanted: Any) -> tuple[int, dict[str, tuple[int, str]]]:
    """Run all; the exit code, and how each fleet ended."""
    code = command.run_fleets(WantedRun(fleet=Path("fleets.yaml"), **wanted), None, form=Format.JSON)
    streams = capsys.readouterr()
    written = json.loads(streams.out)  # One document, whatever was shown beside it.
    assert TOKEN not in streams.out + streams.err
    assert written["exit_code"] == code
    return code, {each["fleet"]: (each["exit_code"], each["verdict"]) for each in written["fleets"]}


def test_each_has_its_file_account_caps_and_key(runs: Runs, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(capsys, run_key="tuesday")[0] == 0
    acme, globex, ours = (runs.asked[name] for name in ("acme", "globex", "ours"))
    assert [each.fleet for each in (acme, globex, ours)] == [
        tmp_path / f"{it}.yaml" for it in ("acme", "globex", "ours")
    ]
    assert (acme.credentials, acme.account, acme.caps) == ("acme", None, Caps(2))
    assert globex.account
    assert ours.account
    assert (globex.credentials, globex.account.token, ours.account.token) == ("", TOKEN, "tok-of-the-environment")
    assert [each.run_key for each in (acme, globex, ours)] == ["tuesday-acme", "tuesday-globex", "tuesday-ours"]


@pytest.mark.parametrize(
    ("does", "code", "verdict"),
    [
        (lambda: report(6, "the API refused the token"), 6, "the API refused the token"),
        (
            raising(FleetFileError("globex.yaml", [Mistake((), "is empty"), Mistake(("a",), "b")])),
            2,
            "globex.yaml: is ",
        ),
        (raising(NothingLeftError("nothing is left")), 2, "nothing is left"),  # In the middle: the file has changed.
        (raising(RuntimeError("no answer")), 1, "no answer"),
        (raising(RuntimeError()), 1, "RuntimeError"),
    ],
)
def test_whatever_ends_one_the_others_are_run(
    runs: Runs, capsys: pytest.CaptureFixture[str], does: Callable[[], Report], code: int, verdict: str
) -> None:
    runs.does["globex"] = does
    _, endings = run(capsys)
    assert endings["acme"] == endings["ours"] == (0, "6 verified")
    assert endings["globex"][0] == code
    assert endings["globex"][1].startswith(verdict)
    assert "\n" not in endings["globex"][1]


def test_a_token_file_that_cannot_be_read_is_that_fleets_mistake(
    runs: Runs, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "globex.token").unlink()
    code, endings = run(capsys)
    assert (code, endings["globex"][0], list(runs.asked)) == (4, 2, ["acme", "ours"])
    assert endings["globex"][1].endswith("globex.token): cannot be read: No such file or directory")


@pytest.mark.parametrize("does", [raising(KeyboardInterrupt()), lambda: report(130, "interrupted; 2 not tried")])
def test_after_an_interruption_none_is_started(
    runs: Runs, capsys: pytest.CaptureFixture[str], does: Callable[[], Report]
) -> None:
    runs.does["globex"] = does
    code, endings = run(capsys)
    assert code == 130
    assert list(runs.asked) == ["acme", "globex"]
    assert endings["acme"] == (0, "6 verified")
    assert endings["ours"] == (130, "not started: interrupted")


def test_of_a_fleet_of_which_nothing_failed_there_is_nothing_to_retry(
    runs: Runs, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work_of(wanted: WantedRun, ledger_url: str) -> str:
        if wanted.listed_as == "acme":
            raise NothingLeftError("--failed-from last: nothing of run k is left to do in this fleet file")
        return await runs.work_of(wanted, ledger_url)

    monkeypatch.setattr(command, "work_of", work_of)
    code, endings = run(capsys, failed_from="last")
    assert (code, endings["acme"][0], list(runs.asked)) == (0, 0, ["globex", "ours"])


def test_as_csv_it_is_a_row_for_each_fleet(runs: Runs, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    runs.does["globex"] = lambda: report(3, "1 rejected")
    command.run_fleets(WantedRun(fleet=Path("fleets.yaml")), None, form=Format.CSV)
    assert capsys.readouterr().out.splitlines() == [
        "fleet,file,exit_code,verdict",
        f"acme,{tmp_path / 'acme.yaml'},0,6 verified",
        f"globex,{tmp_path / 'globex.yaml'},3,1 rejected",
        f"ours,{tmp_path / 'ours.yaml'},0,6 verified",
    ]
