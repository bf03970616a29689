"""What audits remember in the ledger, on SQLite and on PostgreSQL alike."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fleet.backup_list.sightings import Sightings
from fleet.ledger.learned.audit_memory import LedgerMemory
from fleet.serveravatar.models import Backup

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
WHOLE = Backup(
    id=2**40,
    backup_config_id=71,
    cloud_storage_provider_id=10,
    application_id=1,
    database_id=2,
    application_extension=".tar.gz",
    database_extension=".sql.gz",
    application_size=1.5,
    database_size=0.25,
    status="Completed",
    application_available_in_cloudstorage=True,
    database_available_in_cloudstorage=False,
    created_at=NOON,
    names=("nightly fb-0123456789abcdef",),
)
SEEN = Sightings((WHOLE, Backup(id=7)), 5, NOON - timedelta(days=9), NOON, NOON - timedelta(days=1))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        fresh: str = request.getfixturevalue("postgresql_url")
        return fresh
    return f"sqlite:///{tmp_path / 'ledger.sqlite'}"


def memory(url: str, api: str = "https://api.example.org") -> LedgerMemory:
    return LedgerMemory(url, api, pytest.fail)


def sorted_by_id(seen: Sightings | None) -> Sightings | None:
    return seen and replace(seen, backups=tuple(sorted(seen.backups, key=lambda each: -each.id)))


async def test_what_was_seen_comes_back_whole_and_is_nobody_elses(url: str) -> None:
    assert await memory(url).recall(5) is None
    await memory(url).remember(5, None, SEEN)
    assert sorted_by_id(await memory(url).recall(5)) == SEEN
    assert await memory(url).recall(6) is None
    assert await memory(url, "https://elsewhere.example.org").recall(5) is None


async def test_what_is_seen_later_takes_its_place(url: str) -> None:
    await memory(url).remember(5, None, SEEN)
    changed = replace(WHOLE, database_available_in_cloudstorage=True)
    later = replace(SEEN, backups=(changed,), floor=0, oldest=None, read_at=NOON + timedelta(hours=1))
    await memory(url).remember(5, SEEN, later)
    assert await memory(url).recall(5) == later


async def test_a_ledger_that_cannot_be_used_is_told_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").write_text("this is no database" * 100, "utf-8")
    told: list[str] = []
    blind = LedgerMemory(f"sqlite:///{tmp_path / 'ledger.sqlite'}", "https://api.example.org", told.append)
    assert await blind.recall(5) is None
    await blind.remember(5, None, SEEN)
    assert [line.split(":")[0] for line in told] == [
        "reading the whole backup list",
        "the next audit will read everything again",
    ]


async def test_a_ledger_that_remembers_by_columns_is_read_anew(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    await memory(url).remember(5, None, SEEN)
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as database, database:
        database.executescript(
            "DROP TABLE seen_backup; CREATE TABLE seen_backup (api TEXT, organization BIGINT, id BIGINT, status TEXT);"
            "UPDATE schema_version SET version = 4;"
        )
    assert await memory(url).recall(5) is None
    await memory(url).remember(5, None, SEEN)
    assert sorted_by_id(await memory(url).recall(5)) == SEEN
