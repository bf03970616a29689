"""`fleet-backup history`: its times, its filters, and what it prints."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.errors import UsageProblem
from cli.ledger.history import read_since, show_history
from fleet.ledger.store import Ledger
from fleet.report.outcome import Outcome
from tests.unit.fleet.ledger.ledgers import SHOP, entry

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
    assert show_history(None, None, None, text, as_json=True) == 0
    assert len(json.loads(capsys.readouterr().out)) == 2


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
        show_history(None, "fine", None, None, as_json=False)


@pytest.mark.usefixtures("ledger")
def test_the_table_tells_what_happened_and_takes_no_words_for_markup(capsys: pytest.CaptureFixture[str]) -> None:
    assert show_history(None, None, None, None, as_json=False) == 0
    shown = capsys.readouterr().out
    assert "[bold]no room[/bold]" in shown
    assert "shop (plan)" in shown
    assert "open" in shown
    assert "rejected" in shown


@pytest.mark.usefixtures("ledger")
def test_json_is_all_that_standard_output_holds(capsys: pytest.CaptureFixture[str]) -> None:
    assert show_history("web-*", "rejected", "nightly", "1d", as_json=True) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["outcome"], row["server"]) == ("rejected", "web-0001")


@pytest.mark.usefixtures("ledger")
def test_nothing_found_is_said_to_people_and_not_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert show_history("nowhere", None, None, None, as_json=False) == 0
    streams = capsys.readouterr()
    assert streams.out == ""
    assert streams.err == "No matching entries.\n"
