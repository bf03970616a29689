"""`fleet-backup history`: its times, its filters, and what it prints."""

import asyncio
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.errors import UsageProblem
from cli.ledger.history import read_since, show_history
from cli.output_format import Format
from fleet.ledger.store import Ledger
from fleet.report.outcome import Outcome
from tests.unit.fleet.ledger.ledgers import SHOP, entry, key

NOW = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90m", "2026-11-23T11:00:00+00:00"),
        ("36h", "2026-11-22T00:30:00+00:00"),
        ("7d", "2026-11-16T12:30:00+00:00"),
        (" 2w ", "2026-11-09T12:30:00+00:00"),
        ("0m", "2026-11-23T12:30:00+00:00"),
        ("2026-11-23", "2026-11-23T00:00:00+00:00"),
        ("2026-11-23T01:00", "2026-11-23T01:00:00+00:00"),
        ("2026-11-23 01:00", "2026-11-23T01:00:00+00:00"),
        ("2026-11-23T01:00Z", "2026-11-23T01:00:00+00:00"),
        ("2026-11-23T01:00+05:30", "2026-11-23T01:00:00+05:30"),
    ],
)
def test_since_is_a_time_or_a_span(text: str, expected: str) -> None:
    assert read_since(text, NOW).isoformat() == expected


@pytest.mark.parametrize("text", ["", "yesterday", "7", "7y", "-7d", "d", "1.5h", "2026-13-01", "25:00", "999999w"])
def test_what_is_neither_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(
        UsageProblem, match=r"--since .*: must be a time such as 2026-11-23T01:00, or an age such as 36h"
    ):
        read_since(text, NOW)


@pytest.mark.parametrize("text", ["99999w", "0001-01-01"])
def test_any_time_long_ago_shows_everything(text: str, ledger: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert ledger
    assert show_history(None, None, None, text, form=Format.JSON) == 0
    assert len(json.loads(capsys.readouterr().out)["entries"]) == 2


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite:///{tmp_path}/ledger.sqlite"
    monkeypatch.setenv("FLEET_BACKUP_LEDGER_URL", url)
    monkeypatch.setenv("COLUMNS", "200")

    async def fill() -> None:
        async with Ledger(url) as opened:
            failed = entry(1, outcome=Outcome.REJECTED, reason="[bold]no room[/bold]")
            await opened.claim([(failed, SHOP), (entry(2, automatic=True), SHOP)])

    asyncio.run(fill())
    return url


def test_an_unknown_outcome_is_refused_with_all_that_are_known() -> None:
    with pytest.raises(UsageProblem, match=r"--outcome fine: must be one of: .*verified, open"):
        show_history(None, "fine", None, None, form=Format.TABLE)


@pytest.mark.usefixtures("ledger")
def test_the_table_tells_what_happened_and_takes_no_words_for_markup(capsys: pytest.CaptureFixture[str]) -> None:
    assert show_history(None, None, None, None, form=Format.TABLE) == 0
    shown = capsys.readouterr().out
    assert "[bold]no room[/bold]" in shown
    assert "shop (plan)" in shown
    assert "open" in shown
    assert "rejected" in shown


@pytest.mark.usefixtures("ledger")
def test_json_is_all_that_standard_output_holds(capsys: pytest.CaptureFixture[str]) -> None:
    assert show_history("web-*", "rejected", "nightly", "1d", form=Format.JSON) == 0
    (row,) = json.loads(capsys.readouterr().out)["entries"]
    assert (row["outcome"], row["server"]) == ("rejected", "web-0001")


@pytest.mark.usefixtures("ledger")
def test_nothing_found_is_said_to_people_and_not_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert show_history("nowhere", None, None, None, form=Format.TABLE) == 0
    streams = capsys.readouterr()
    assert streams.out == ""
    assert streams.err == "No matching entries.\n"


@pytest.mark.usefixtures("ledger")
def test_into_a_pipe_each_entry_is_a_line_with_its_keys(capsys: pytest.CaptureFixture[str]) -> None:
    assert show_history(None, None, None, None, form=Format.TABLE) == 0
    header, *lines = capsys.readouterr().out.splitlines()
    assert header.split("  ")[0] == "when (UTC)"
    assert len(lines) == 2
    for number in (1, 2):
        (line,) = (line for line in lines if key(number) in line)
        assert "nightly" in line
        assert "\x1b" not in line


@pytest.mark.usefixtures("ledger")
def test_on_a_terminal_of_80_columns_no_time_is_broken_and_no_line_too_long(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    assert show_history(None, None, None, None, form=Format.TABLE) == 0
    heading, *lines = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out).splitlines()
    assert heading == "run key nightly"
    assert max(map(len, lines)) <= 80
    assert [line for line in lines if re.match(r"\d{4}-\d\d-\d\d \d\d:\d\dZ ", line)] == lines
