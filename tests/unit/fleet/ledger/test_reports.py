"""The reports in the ledger: whole again however they are kept, the newest first, on SQLite and on PostgreSQL alike."""

import pytest
import sqlalchemy as sa

from fleet.ledger import reports
from fleet.ledger.database import schema
from fleet.ledger.database.engine import LedgerError
from fleet.ledger.reports import last_report, reports_of
from fleet.ledger.store import Ledger
from fleet.report.outcome import Outcome
from fleet.report.report import Report
from tests.unit.fleet.reports import report, row

pytestmark = pytest.mark.anyio


async def kept(ledger: Ledger, *told: Report, fleet: str = "fleet.yaml") -> None:
    """Keep reports, each a second after the one before it."""
    for each in told:
        await ledger.record_run(fleet, each)
        ledger._clock_offset += 1


async def run_keys(url: str, fleet: str = "fleet.yaml", most: int = 500, besides: str | None = None) -> list[str]:
    return [each.run_key async for each in reports_of(url, fleet, most, besides)]


async def test_the_last_run_is_the_one_that_ended_last(url: str) -> None:
    assert await last_report(url, "fleet.yaml") is None
    async with Ledger(url) as ledger:
        await kept(ledger, *(report(run_key=f"run {number}") for number in range(3)))
    assert await last_report(url, "fleet.yaml") == report(run_key="run 2")
    assert await run_keys(url) == ["run 2", "run 1", "run 0"]
    assert await run_keys(url, most=2) == ["run 2", "run 1"]
    assert await run_keys(url, besides="run 1") == ["run 2", "run 0"]
    assert await run_keys(url, "other.yaml") == []
    assert await last_report(url, "other.yaml") is None


@pytest.mark.parametrize("count", [0, 1, 4, 5, 6, 11])
async def test_a_report_comes_back_as_it_was_told(url: str, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(reports, "_AT_ONCE", 5)
    rows = [row(number, outcome=Outcome.REJECTED, reason=f"Ünïcode 🦺 {number}") for number in range(count)]
    told = report(*rows, notes=["3 backups ran on"], exit_code=3)
    async with Ledger(url) as ledger:
        await kept(ledger, told)
    assert await last_report(url, "fleet.yaml") == told
    assert [each async for each in reports_of(url, "fleet.yaml", 9)] == [told]


async def test_two_reports_of_one_run_key_keep_their_own_targets(url: str) -> None:
    first, second = report(row(1), row(2)), report(row(3))
    async with Ledger(url) as ledger:
        await kept(ledger, first, second)
    assert [each async for each in reports_of(url, "fleet.yaml", 9)] == [second, first]


async def test_a_report_of_an_older_ledger_is_read_as_it_was_kept_in_one_piece(url: str) -> None:
    told = report(row(1), row(2, outcome=Outcome.UNMET, reason="disk 99 % full"))
    async with Ledger(url) as ledger, ledger._engine.begin() as connection:
        await connection.run_sync(schema.report_parts.drop)
        await connection.execute(schema.schema_version.update().values(version=3))
        old = {"run_key": told.run_key, "fleet": "fleet.yaml", "ended_at": 1.0, "report": told.model_dump(mode="json")}
        await connection.execute(schema.runs.insert().values(**old))
    assert await last_report(url, "fleet.yaml") == told
    async with Ledger(url) as ledger:
        await kept(ledger, report(run_key="newer"))
    assert await run_keys(url) == ["newer", told.run_key]


async def test_what_is_no_report_is_one_line_about_the_ledger(url: str) -> None:
    async with Ledger(url) as ledger, ledger._engine.begin() as connection:
        strange = {"run_key": "x", "fleet": "fleet.yaml", "ended_at": 1.0, "report": {"targets": [5]}}
        await connection.execute(sa.insert(schema.runs).values(**strange))
    with pytest.raises(LedgerError, match="cannot be used") as caught:
        await last_report(url, "fleet.yaml")
    assert "\n" not in str(caught.value)
