"""`fleet-backup forget`: what it prints for people and for programs."""

import asyncio
import json
from pathlib import Path

import pytest

from cli.errors import UsageProblem
from cli.ledger.forget import forget_all
from fleet.ledger.store import Ledger
from fleet.report.outcome import Outcome
from tests.documents import valid
from tests.unit.fleet.ledger.ledgers import SHOP, entry, key


@pytest.fixture(autouse=True)
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path}/ledger.sqlite"
    monkeypatch.setenv("FLEET_BACKUP_LEDGER_URL", url)

    async def fill() -> None:
        async with Ledger(url) as opened:
            await opened.claim([(entry(1, automatic=True, outcome=Outcome.CREATED), SHOP)])

    asyncio.run(fill())


def test_json_is_all_that_standard_output_holds(capsys: pytest.CaptureFixture[str]) -> None:
    assert forget_all((key(1),), as_json=True) == 0
    streams = capsys.readouterr()
    plan = {"key": key(1), "server": SHOP.server, "application": SHOP.application}
    assert json.loads(streams.out) == {"schema": 1, "removed": [plan], "not_removed": []}
    assert streams.err.startswith("removed: ")


def test_json_names_also_what_was_not_removed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UsageProblem, match="no such automatic plan in the ledger"):
        forget_all((key(1), "gone", "gone"), as_json=True)
    report = valid("forget", capsys.readouterr().out)
    assert report["not_removed"] == ["gone"]
    assert [plan["key"] for plan in report["removed"]] == [key(1)]


def test_without_json_standard_output_stays_empty(capsys: pytest.CaptureFixture[str]) -> None:
    assert forget_all((key(1),), as_json=False) == 0
    assert capsys.readouterr().out == ""
