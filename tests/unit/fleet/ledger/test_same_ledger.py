"""A ledger that is deleted, replaced or emptied under a run is noticed before anything more is recorded in it."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from fleet.dialect.dialect import Dialect
from fleet.ledger.database.engine import LedgerError
from fleet.ledger.database.metadata import metadata
from fleet.ledger.database.transaction import opened
from fleet.ledger.learned.backup_claims import LedgerClaims
from fleet.ledger.learned.dialects import save_dialect
from fleet.ledger.store import Ledger
from tests.unit.fleet.ledger.ledgers import claimed, connected, entry, stored
from tests.unit.fleet.reports import report

pytestmark = pytest.mark.anyio
NAME = "ledger.sqlite"


def deleted(folder: Path) -> None:
    for path in folder.glob(f"{NAME}*"):
        path.unlink()


def deleted_alone(folder: Path) -> None:
    (folder / NAME).unlink()


def without_its_log(folder: Path) -> None:
    (folder / f"{NAME}-wal").unlink()


def moved(folder: Path) -> None:
    (folder / NAME).rename(folder / "moved.sqlite")


def replaced_by_a_copy(folder: Path) -> None:
    shutil.copy(folder / NAME, folder / "copy.sqlite")
    (folder / "copy.sqlite").replace(folder / NAME)


def made_again(folder: Path) -> None:
    deleted(folder)
    with closing(sqlite3.connect(folder / NAME)) as other:
        other.execute("PRAGMA journal_mode=WAL")
        other.execute("CREATE TABLE owner (id TEXT)")


def truncated(folder: Path) -> None:
    (folder / NAME).write_bytes(b"")


def cut_short(folder: Path) -> None:
    with (folder / NAME).open("r+b") as file:
        file.truncate(4096)


def emptied(folder: Path) -> None:
    with closing(sqlite3.connect(folder / NAME, isolation_level=None)) as other:
        other.execute("DELETE FROM entry")
        other.execute("DELETE FROM owner")


WAYS = (
    *(deleted, deleted_alone, without_its_log, moved, replaced_by_a_copy, made_again, truncated, cut_short, emptied),
)


async def assert_nothing_is_recorded(ledger: Ledger) -> None:
    """Whatever the run would record next: it hears of it, each time, in one line that says what to do."""
    claims = LedgerClaims(ledger, "https://api.example.org")
    for use in (
        lambda: ledger.save(entry(attempts=1)),
        lambda: ledger.save(entry(attempts=1)),
        lambda: claimed(ledger, entry(2)),
        lambda: claims.claim(5, {8: "0" * 16}),
        lambda: ledger.record_run("fleet.yaml", report()),
    ):
        with pytest.raises(LedgerError, match="while this run was using it") as caught:
            await use()
        assert "Bring it back before the next run" in str(caught.value)
        assert "\n" not in str(caught.value)


async def test_a_file_that_is_gone_is_not_made_again_by_what_follows_in_the_run(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / NAME}"
    async with Ledger(url) as ledger:
        await claimed(ledger, entry())
        moved(tmp_path)
        with pytest.raises(LedgerError):
            await ledger.save(entry(attempts=1))
        with pytest.raises(LedgerError, match="it was replaced while this run was using it"):
            await save_dialect(url, "https://api.example.org", 5, Dialect())
    assert not (tmp_path / NAME).exists()


@pytest.mark.parametrize("way", WAYS)
async def test_a_file_that_is_gone_or_another_one(tmp_path: Path, way: Callable[[Path], None]) -> None:
    async with Ledger(f"sqlite:///{tmp_path / NAME}") as first:
        await claimed(first, entry(9))
    async with Ledger(f"sqlite:///{tmp_path / NAME}") as ledger:
        await claimed(ledger, entry())
        way(tmp_path)
        await assert_nothing_is_recorded(ledger)


async def test_a_database_that_was_emptied(postgresql_url: str) -> None:
    async with Ledger(postgresql_url) as ledger:
        await claimed(ledger, entry())
        async with connected(postgresql_url) as connection:
            for table in metadata.tables.values():
                await connection.execute(table.delete())
        await assert_nothing_is_recorded(ledger)


@pytest.mark.parametrize("again", [False, True])
async def test_a_database_that_was_dropped(postgresql_url: str, again: bool) -> None:
    """And perhaps made again, with the tables of another run in it."""
    url = sa.make_url(postgresql_url)
    async with Ledger(postgresql_url) as ledger:
        await claimed(ledger, entry())
        server = url.set(database="postgres").render_as_string(hide_password=False)
        async with opened(server) as engine, engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            for statement in (f"DROP DATABASE {url.database} WITH (FORCE)", f"CREATE DATABASE {url.database}"):
                await connection.execute(sa.text(statement))
        if again:
            async with Ledger(postgresql_url):
                pass
        await assert_nothing_is_recorded(ledger)


async def test_what_others_do_beside_a_run_disturbs_nobody(tmp_path: Path) -> None:
    """Other runs come and go, and the log is written back to the file."""
    path = tmp_path / NAME
    async with Ledger(f"sqlite:///{path}") as ledger:
        await claimed(ledger, *(entry(number) for number in range(200)))
        async with Ledger(f"sqlite:///{path}") as other:
            await claimed(other, entry(999))
        with closing(sqlite3.connect(path)) as checkpoint:
            checkpoint.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        await ledger.save(entry(1, attempts=1))
        await ledger._engine.dispose()  # Its connection is made again, and with it the log.
        await ledger.save(entry(1, attempts=2))
        assert (await stored(ledger)).attempts == 2
