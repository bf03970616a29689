"""`serve`, `deploy` and `schedules`: a mistake is told before anything is started or registered, by exit code 2."""

import csv
import io
import re
import sys
from pathlib import Path

import pytest

from cli.main import main
from tests.documents import valid

FLEET = """
organization: 5
servers:
  - id: 15
    name: web-0001
    backups:
      - {type: filesystem, application_id: 4246, automatic_backup: false, provider: wasabi,
         cloud_storage_provider_id: 10, application_extension: .tar}
"""
NO_POOL = "deployments: [{name: mine, entrypoint: 'flows/fleet_backup.py:fleet_backup', work_pool: {names: x}}]"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a fleet file, and an environment with nothing but a token."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SERVERAVATAR_API_TOKEN", "token-of-this-test")
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    (tmp_path / "fleet.yaml").write_text(FLEET, "utf-8")
    (tmp_path / "wrong.yaml").write_text(FLEET.replace("15", "fifteen"), "utf-8")
    (tmp_path / "mine.yaml").write_text(NO_POOL, "utf-8")
    return tmp_path


def ended(monkeypatch: pytest.MonkeyPatch, *line: str) -> object:
    """Run a command as the program does; returns its exit code."""
    monkeypatch.setattr(sys, "argv", ["fleet-backup", *line])
    with pytest.raises(SystemExit) as caught:
        main()
    return caught.value.code


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("serve none.yaml", "none.yaml: cannot be read: No such file or directory"),
        ("serve wrong.yaml", "wrong.yaml: servers[0].id: "),
        (
            "serve fleet.yaml --hourly group:critical",
            "--limit group:critical: no server has this name, id, tag or group",
        ),
        ("deploy none.yaml", "none.yaml: cannot be read: No such file or directory"),
        ("deploy wrong.yaml", "wrong.yaml: servers[0].id: "),
        ("deploy fleet.yaml", "deploy needs a Prefect server: "),
        ("schedules --served", "--served needs a Prefect server: "),
        ("schedules --zone Berlin", "--zone: 'Berlin' is not a time zone"),
        ("schedules --nightly-at 25:00", "nightly: '25:00' is not a time of day"),
        ("schedules --nightly-every Daily", "nightly: every: must be one of: "),
        ("schedules --file none.yaml", "none.yaml: cannot be read: No such file or directory"),
        ("schedules --file mine.yaml", "mine.yaml: deployments: 0: work_pool: names: "),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(
    line: str, problem: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(monkeypatch, *line.split()) == 2
    streams = capsys.readouterr()
    assert streams.out == ""
    (shown,) = streams.err.splitlines()
    assert shown.startswith(f"fleet-backup: {problem}")


@pytest.mark.parametrize(
    "line",
    [
        "serve",
        "deploy",
        "serve fleet.yaml more",
        "schedules --count 0",
        "schedules --served --zone UTC",
        "deploy --pol x",
    ],
)
def test_a_command_line_that_is_not_well_formed_shows_how_to_be_helped(
    line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(monkeypatch, *line.split()) == 2
    assert "--help' for help" in capsys.readouterr().err


def test_serve_wants_a_token_or_a_block_that_holds_it_and_deploy_leaves_that_to_the_workers(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SERVERAVATAR_API_TOKEN")
    assert ended(monkeypatch, "serve", "fleet.yaml") == 2
    assert "SERVERAVATAR_API_TOKEN: no API token" in capsys.readouterr().err
    ended(monkeypatch, "deploy", "fleet.yaml")
    assert "deploy needs a Prefect server" in capsys.readouterr().err


def test_schedules_shows_the_next_runs_in_their_zone_and_what_is_switched_off(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(monkeypatch, "schedules", "--zone", "Asia/Kolkata", "--nightly-at", "02:15", "--count", "2") == 0
    shown = capsys.readouterr().out.splitlines()
    nightly = [row for row in shown if row.startswith("nightly")]
    assert len(nightly) == 2
    for row in nightly:
        assert "Every Day at 02:15, Asia/Kolkata" in row
        assert "02:15 IST" in row
        assert row.rstrip().endswith("20:45")
    assert any(row.startswith("hourly") and "(off)" in row for row in shown)
    assert any(row.startswith("one-server") and "manual" in row for row in shown)
    (silent,) = (row for row in shown if row.startswith("continue"))
    assert "when triggered: A run has sent no sign of life for 90 seconds" in silent


def test_schedules_as_json_is_all_that_standard_output_holds(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    line = ("schedules", "--zone", "Asia/Kolkata", "--nightly-at", "02:15", "--count", "2", "--json")
    assert ended(monkeypatch, *line) == 0
    report = valid("schedules", capsys.readouterr().out)
    shown = {each["deployment"]: each for each in report["schedules"]}
    nightly = shown["nightly"]
    assert (report["schema"], nightly["schedule"], nightly["timezone"]) == (1, "Every Day at 02:15", "Asia/Kolkata")
    assert [moment[10:] for moment in nightly["next_runs"]] == ["T02:15:00+05:30"] * 2
    assert nightly["active"]
    assert not shown["hourly"]["active"]
    assert shown["one-server"] == {
        "deployment": "one-server",
        "starts": "manual",
        "trigger": "",
        "schedule": None,
        "timezone": None,
        "active": False,
        "next_runs": [],
    }


def test_schedules_as_csv_has_a_row_for_each_run_and_one_for_each_deployment_without(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(monkeypatch, "schedules", "--count", "2", "--csv") == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["next_run"][10:] for row in rows if row["deployment"] == "audit"] == ["T07:00:00Z"] * 2
    (silent,) = (row for row in rows if row["deployment"] == "continue")
    assert (silent["starts"], silent["schedule"], silent["next_run"]) == ("triggered", "", "")
    assert silent["trigger"].startswith("A run has sent no sign of life")


@pytest.mark.parametrize(("program", "begins"), [("grafana", "{"), ("prometheus", "# Alert rules")])
def test_what_is_shipped_for_monitors_is_printed_as_it_is(
    program: str, begins: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(monkeypatch, "monitoring", program) == 0
    assert capsys.readouterr().out.startswith(begins)


def test_on_a_terminal_of_80_columns_no_date_is_broken_and_no_zone_cut(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {"COLUMNS": "80", "TTY_COMPATIBLE": "1", "NO_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    zone = "America/Argentina/ComodRivadavia"
    assert ended(monkeypatch, "schedules", "--zone", zone, "--count", "2") == 0
    shown = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out).splitlines()
    assert max(map(len, shown)) <= 80
    (place,) = [number for number, row in enumerate(shown) if row.startswith("nightly")]
    for row in shown[place : place + 2]:
        assert re.search(r"\w{3} \d{4}-\d\d-\d\d 01:30 -03  04:30$", row)
    assert zone in shown[place + 1]
