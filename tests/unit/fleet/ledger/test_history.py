"""What the ledger knows, for people."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fleet.ledger.entry_rows import Subject
from fleet.ledger.history import Asked, read_history
from fleet.ledger.history_report import OPEN
from fleet.ledger.store import Ledger
from fleet.report.outcome import Outcome
from tests.unit.fleet.ledger.ledgers import entry
from tests.unit.fleet.reports import report

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/ledger.sqlite"


@pytest.fixture
async def told(url: str) -> str:
    """Four entries, an hour apart."""
    rows = [
        (entry(1, outcome=Outcome.VERIFIED, backup_id=301), 15, "web-0001"),
        (entry(2, outcome=Outcome.REJECTED, reason="full"), 16, "web-0002"),
        (entry(3, sent_at=NOON.timestamp(), doubtful=True, attempts=1, run_key="by hand"), 150, "db-0001"),
        (entry(4, outcome=Outcome.IN_DOUBT, automatic=True, plan_id=7), 15, "web-0001"),
    ]
    async with Ledger(url) as ledger:
        for number, (each, server_id, server) in enumerate(rows):
            noon = (NOON + timedelta(hours=number)).timestamp()
            ledger.now = lambda noon=noon: noon  # type: ignore[method-assign, misc] # the clock, by hand
            await ledger.claim([(each, Subject(5, server_id, server, 4246, "shop"))])
    return url


async def keys(url: str, **asked: Any) -> list[int]:
    return [int(row.key, 16) for row in await read_history(url, Asked(**asked))]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, [4, 3, 2, 1]),  # The newest first.
        ({"server": "web-0001"}, [4, 1]),
        ({"server": "15"}, [4, 1]),  # An id is no part of another.
        ({"server": "web-*"}, [4, 2, 1]),
        ({"server": "w?b-0002"}, [2]),
        ({"server": "WEB-0001"}, [4, 1]),
        ({"server": "web-000[12]"}, []),
        ({"outcome": "rejected"}, [2]),
        ({"outcome": OPEN}, [3]),
        ({"run_key": "by hand"}, [3]),
        ({"run_key": "'; DROP TABLE entry; --"}, []),
        ({"since": NOON + timedelta(hours=2)}, [4, 3]),
        ({"since": NOON + timedelta(hours=2, seconds=1)}, [4]),
        ({"server": "web-*", "outcome": "verified", "run_key": "nightly", "since": NOON}, [1]),
    ],
)
async def test_filters_leave_what_all_of_them_allow(told: str, asked: dict[str, Any], expected: list[int]) -> None:
    assert await keys(told, **asked) == expected


async def test_a_fleet_is_told_by_the_runs_that_it_has_ended(told: str) -> None:
    async with Ledger(told) as ledger:
        for fleet, run_key in (("acme", "by hand"), ("acme", "of another night"), ("globex", "nightly")):
            await ledger.record_run(fleet, report(run_key=run_key))
    assert await keys(told, fleet="acme") == [3]
    assert await keys(told, fleet="globex") == [4, 2, 1]
    assert await keys(told, fleet="acme", outcome="verified") == []
    assert await keys(told, fleet="initech") == []


async def test_an_entry_is_told_with_times_in_utc_and_nothing_left_out(told: str) -> None:
    (row,) = await read_history(told, Asked(outcome=OPEN))
    assert row.model_dump(mode="json") == {
        "updated_at": "2026-11-23T14:00:00Z",
        "run_key": "by hand",
        "key": f"{3:016x}",
        "organization": 5,
        "server_id": 150,
        "server": "db-0001",
        "application_id": 4246,
        "application": "shop",
        "automatic_backup": False,
        "outcome": "open",
        "doubtful": True,
        "reason": "",
        "attempts": 1,
        "looked": 0,
        "sent_at": "2026-11-23T12:00:00Z",
        "backup_id": None,
        "plan_id": None,
        "evidence": None,
        "request": {"type": "application"},
    }


async def test_a_ledger_that_is_not_there_yet_knows_nothing(url: str) -> None:
    assert await read_history(url, Asked()) == []


async def test_history_may_be_read_while_a_run_is_under_way(url: str) -> None:
    async with Ledger(url) as ledger:
        await ledger.claim([(entry(), Subject(5, 15, "web-0001", 4246, "shop"))])
        assert await keys(url) == [1]
        await ledger.save(replace(entry(), outcome=Outcome.VERIFIED))
        assert await keys(url, outcome="verified") == [1]
