"""A ledger of version 4, from before the first contact with the real API, is brought up to date with all it holds."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from fleet.ledger.database import schema
from fleet.ledger.database.day_tables import target_days, targets
from fleet.ledger.database.engine import LedgerError
from fleet.ledger.database.metadata import metadata
from fleet.ledger.database.transaction import opened
from fleet.ledger.learned.audit_memory import LedgerMemory
from fleet.ledger.learned.backup_claims import LedgerClaims
from fleet.ledger.learned.dialects import read_dialect, save_dialect
from fleet.ledger.reading import read_entries
from fleet.ledger.store import Ledger
from fleet.proof.sought import Mark
from fleet.report.outcome import Outcome
from tests.unit.fleet.dialect.dialects import FULL as DIALECT
from tests.unit.fleet.ledger.ledgers import FULL, claimed, connected, entry, key, stored
from tests.unit.fleet.reports import report

pytestmark = pytest.mark.anyio
API = "https://api.example.org"
NEW_COLUMNS = {"mark_exact", "evidence"}
ENTRY = """
CREATE TABLE entry (
    key VARCHAR(16) NOT NULL PRIMARY KEY, run_key TEXT NOT NULL, owner VARCHAR(36) NOT NULL,
    organization BIGINT NOT NULL, server_id BIGINT NOT NULL, server TEXT NOT NULL,
    application_id BIGINT NOT NULL, application TEXT NOT NULL, automatic BOOLEAN NOT NULL,
    attempts INTEGER NOT NULL, doubtful BOOLEAN NOT NULL, sent_at DOUBLE PRECISION,
    backup_before BIGINT NOT NULL, plan_before BIGINT NOT NULL, outcome VARCHAR(16), reason TEXT NOT NULL,
    backup_id BIGINT, plan_id BIGINT, request JSON NOT NULL, looked INTEGER NOT NULL, broken BOOLEAN NOT NULL,
    created_at DOUBLE PRECISION NOT NULL, updated_at DOUBLE PRECISION NOT NULL
)
"""
SEEN_LIST_ROW = "INSERT INTO seen_list VALUES (:api, 5, 0, NULL, 1000.0, 1000.0)"
SEEN_BACKUP_ROW = "INSERT INTO seen_backup (api, organization, id) VALUES (:api, 5, 321)"
SEEN_BACKUP = """
CREATE TABLE seen_backup (
    api TEXT NOT NULL, organization BIGINT NOT NULL, id BIGINT NOT NULL, cloud_storage_provider_id BIGINT,
    application_id BIGINT, database_id BIGINT, application_extension TEXT, database_extension TEXT,
    application_size DOUBLE PRECISION, database_size DOUBLE PRECISION, status TEXT,
    application_available_in_cloudstorage BOOLEAN, database_available_in_cloudstorage BOOLEAN,
    created_at DOUBLE PRECISION, PRIMARY KEY (api, organization, id)
)
"""
ROW = """
INSERT INTO entry VALUES (
    :key, 'monday', 'nobody', 5, 15, 'web-0001', 4246, 'shop', :automatic, 2, :doubtful, 1000.5, 300, 70, :outcome,
    'words', 321, 71, '{"type": "application"}', 1, :broken, 1000.0, 1001.0
)
"""
ROWS = [
    {"key": key(1), "automatic": False, "doubtful": True, "broken": False, "outcome": None},
    {"key": key(2), "automatic": True, "doubtful": False, "broken": False, "outcome": "created"},
    {"key": key(3), "automatic": False, "doubtful": False, "broken": True, "outcome": "unverified"},
]


async def make_version_4(url: str, version: int = 4) -> None:
    """The tables that an entry needs, as version 4 made them."""
    async with opened(url) as engine, engine.begin() as connection:
        await connection.execute(sa.text("CREATE TABLE schema_version (version INTEGER NOT NULL)"))
        await connection.execute(sa.text("INSERT INTO schema_version VALUES (:version)"), {"version": version})
        others = [schema.owners, schema.runs, schema.report_parts, schema.budgets]
        await connection.run_sync(lambda sync: metadata.create_all(sync, others))
        await connection.execute(sa.text(ENTRY))
        await connection.execute(sa.text(ROW), ROWS)
        await connection.run_sync(schema.seen_lists.create)
        await connection.execute(sa.text(SEEN_LIST_ROW), {"api": API})
        await connection.execute(sa.text(SEEN_BACKUP))
        await connection.execute(sa.text(SEEN_BACKUP_ROW), {"api": API})


async def columns(url: str, table: str) -> set[str]:
    async with opened(url) as engine, engine.begin() as connection:
        found: set[str] = await connection.run_sync(
            lambda sync: {column["name"] for column in sa.inspect(sync).get_columns(table)}
        )
        return found


async def test_every_entry_is_there_as_it_was_and_nothing_is_known_of_its_evidence(url: str) -> None:
    await make_version_4(url)
    async with Ledger(url) as ledger:
        await claimed(ledger, *(entry(number) for number in (1, 2, 3)))
    found = await read_entries(url, [key(1), key(2), key(3)])
    doubtful, created, broken = (found[key(number)].entry for number in (1, 2, 3))
    for each in (doubtful, created, broken):
        assert each.before == Mark(300, 70, exact=False), "nobody knows how exact it was: nothing is placed by it"
        assert (each.evidence, each.attempts, each.backup_id, each.plan_id) == (None, 2, 321, 71)
        assert (each.run_key, each.sent_at, each.reason, each.looked) == ("monday", 1000.5, "words", 1)
        assert dict(each.request) == {"type": "application"}
    assert (doubtful.doubtful, doubtful.outcome, doubtful.is_settled) == (True, None, False)
    assert (created.automatic, created.outcome, created.is_settled) == (True, Outcome.CREATED, True)
    assert (broken.broken, broken.outcome, broken.is_settled) == (True, Outcome.UNVERIFIED, False)


async def test_what_is_new_can_be_written_in_it(url: str) -> None:
    await make_version_4(url)
    async with Ledger(url) as ledger:
        await claimed(ledger, entry())
        await ledger.save(FULL)
        assert await stored(ledger) == FULL
        assert await LedgerClaims(ledger, API).claim(5, {8: key(1)}) == {8: key(1)}
    await save_dialect(url, API, 5, DIALECT)
    assert await read_dialect(url, API, 5) == DIALECT


async def test_what_audits_had_seen_is_read_anew(url: str) -> None:
    """It is no record, only a memory, and it held less of a row."""
    await make_version_4(url)
    assert await LedgerMemory(url, API, pytest.fail).recall(5) is None


async def test_an_old_ledger_and_a_new_one_are_the_same(url: str, tmp_path: Path) -> None:
    await make_version_4(url)
    assert not NEW_COLUMNS & await columns(url, "entry")
    fresh = f"sqlite:///{tmp_path / 'fresh.sqlite'}"
    for each in (url, fresh, url):  # Twice: what is up to date stays as it is.
        async with Ledger(each):
            pass
    for table in metadata.tables:
        assert await columns(url, table) == await columns(fresh, table)


async def test_a_ledger_of_version_8_gets_its_days_and_no_report_is_noted_yet(url: str) -> None:
    async with Ledger(url) as ledger:
        await ledger.record_run("fleet.yaml", report())
    async with connected(url) as connection:
        await connection.run_sync(lambda sync: metadata.drop_all(sync, [targets, target_days]))
        await connection.execute(sa.text("ALTER TABLE run DROP COLUMN noted"))
        await connection.execute(sa.text("DROP INDEX ix_entry_application_id"))
        await connection.execute(schema.schema_version.update().values(version=8))
    async with Ledger(url):
        pass
    async with connected(url) as connection:
        assert (await connection.scalars(sa.select(schema.runs.c.noted))).all() == [False]
        names = await connection.run_sync(lambda sync: sa.inspect(sync).get_indexes("entry"))
        assert "ix_entry_application_id" in {index["name"] for index in names}
        assert await connection.scalar(sa.select(sa.func.count()).select_from(target_days)) == 0


async def test_a_ledger_of_a_version_that_is_not_known_yet_is_left_alone(url: str) -> None:
    await make_version_4(url, version=len(schema.STEPS) + 1)
    with pytest.raises(LedgerError, match="only knows versions up to"):
        async with Ledger(url):
            pass
    assert not NEW_COLUMNS & await columns(url, "entry")


def test_an_entry_with_every_column_filled_says_something_in_each() -> None:
    """So that a column that is added is filled there, too, and comes back in the tests of the ledger."""
    fresh = entry()
    same = {name for name in FULL.__slots__ if getattr(FULL, name) == getattr(fresh, name)}
    assert same == {"key", "run_key", "automatic"}
