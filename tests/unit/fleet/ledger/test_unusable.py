"""A ledger that cannot be used: one line that says which, why and what to do, before anything is sent."""

import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from fleet.ledger.database import engine
from fleet.ledger.database.engine import LedgerError
from fleet.ledger.history import Asked, read_history
from fleet.ledger.store import Ledger
from tests.unit.fleet.ledger.ledgers import claimed, entry, stored

pytestmark = pytest.mark.anyio
SECRET = "hunter2-hunter2"


async def refused(url: str) -> str:
    """Open a ledger that cannot be used; returns why."""
    with pytest.raises(LedgerError) as caught:
        async with Ledger(url):
            pass
    words = str(caught.value)
    assert "\n" not in words
    assert "FLEET_BACKUP_LEDGER_URL" in words
    assert SECRET not in words
    return words


async def made(path: Path) -> str:
    async with Ledger(f"sqlite:///{path}") as ledger:
        await claimed(ledger, entry())
    return f"sqlite:///{path}"


# What the variable may say.


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("ledger.sqlite", "is not a database URL"),
        ("/var/lib/ledger.sqlite", "is not a database URL"),
        ("", "is not a database URL"),
        (f"postgresql://me:{SECRET}@host:port/db", "is not a database URL"),
        (f"mysql://me:{SECRET}@host/db", "mysql is not supported; use sqlite or postgresql"),
        ("sqlite://", "in memory would forget"),
        ("sqlite:///:memory:", "in memory would forget"),
        (f"postgresql://me:{SECRET}@127.0.0.1:1/db", "me:***@127.0.0.1:1/db cannot be used"),
        (f"postgresql+psycopg2://me:{SECRET}@127.0.0.1:1/db", "me:***@127.0.0.1:1/db cannot be used"),
        (f"postgres://127.0.0.1:1/db?user=me&password={SECRET}", "127.0.0.1:1/db cannot be used"),
        (f"postgresql://me:{SECRET}@127.0.0.1:1/db?sslmode=require", "Connect call failed"),
        (f"postgresql://me:{SECRET}@127.0.0.1:1/db?colour=blue", "colour"),
    ],
)
async def test_a_url_that_leads_nowhere(url: str, words: str) -> None:
    assert words in await refused(url)


async def test_postgresql_without_its_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    assert "install fleet-backup[postgresql]" in await refused(f"postgresql://me:{SECRET}@127.0.0.1/db")


async def test_a_postgresql_that_refuses_the_user(postgresql: str) -> None:
    url = postgresql.replace("fleet@", f"stranger:{SECRET}@") + "/postgres"
    assert 'role "stranger" does not exist' in await refused(url)


async def test_a_postgresql_database_that_is_not_there(postgresql: str) -> None:
    assert 'database "elsewhere" does not exist' in await refused(f"{postgresql}/elsewhere")


# Files.


async def test_a_folder_that_is_missing_is_made_for_this_user_alone(tmp_path: Path) -> None:
    await made(tmp_path / "a" / "b" / "ledger.sqlite")
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700


def test_a_new_ledger_is_for_this_user_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        asyncio.run(made(tmp_path / "ledger.sqlite"))
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


async def test_a_folder_in_place_of_the_file(tmp_path: Path) -> None:
    assert "unable to open database file" in await refused(f"sqlite:///{tmp_path}")


async def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    assert "File exists" in await refused(f"sqlite:///{tmp_path}/taken/ledger.sqlite")


@pytest.mark.parametrize("content", [b"not a database, but a shopping list\n" * 100, bytes(range(256)) * 32])
async def test_a_file_that_is_no_ledger_is_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(content)
    assert "file is not a database" in await refused(f"sqlite:///{path}")
    assert path.read_bytes() == content


async def test_a_ledger_that_was_cut_off_or_overwritten(tmp_path: Path) -> None:
    url = await made(path := tmp_path / "ledger.sqlite")
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + bytes(len(whole) - 4096))
    assert "malformed" in await refused(url)


async def test_a_database_of_another_program_with_tables_of_our_names(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE owner (dog TEXT)")
    assert "no such column" in await refused(f"sqlite:///{path}")


@contextmanager
def somebody_without_rights(folder: Path) -> Iterator[None]:
    """Root may write everything; so be nobody for a while."""
    if os.geteuid() != 0:
        yield
        return
    for path in (folder, *folder.rglob("*")):
        os.chown(path, 65534, 65534)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user of this machine can reach; pytest's own are root's alone."""
    folder = Path(tempfile.mkdtemp(prefix="fleet-backup-ledger-"))
    yield folder
    shutil.rmtree(folder)


async def test_a_file_that_may_only_be_read(open_folder: Path) -> None:
    url = await made(open_folder / "ledger.sqlite")
    (open_folder / "ledger.sqlite").chmod(0o444)
    with somebody_without_rights(open_folder):
        assert "attempt to write a readonly database" in await refused(url)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    folder.chmod(0o555)
    yield
    folder.chmod(0o755)


@pytest.mark.parametrize("exists", [False, True])
async def test_a_folder_that_may_only_be_read(open_folder: Path, exists: bool) -> None:
    if exists:
        await made(open_folder / "ledger.sqlite")
    with somebody_without_rights(open_folder), read_only(open_folder):
        words = await refused(f"sqlite:///{open_folder}/ledger.sqlite")
    assert "readonly" in words or "unable to open" in words


# A disk that is full, and a stranger that holds the lock.

Pages = Callable[[Ledger, int], None]


def at_most(ledger: Ledger, pages: int) -> None:
    """As on a full disk: SQLite's file may have no more than so many pages, or none more than it has."""

    def limit(connection: Any, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}")

    sa.event.listen(ledger._engine.sync_engine, "connect", limit)


async def test_a_full_disk_is_found_when_the_ledger_is_opened(tmp_path: Path) -> None:
    ledger = Ledger(f"sqlite:///{tmp_path}/ledger.sqlite")
    at_most(ledger, 3)
    with pytest.raises(LedgerError, match="database or disk is full"):
        await ledger.__aenter__()


async def test_a_disk_that_fills_up_fails_the_saves_that_wait_and_nothing_else(tmp_path: Path) -> None:
    url = await made(tmp_path / "ledger.sqlite")
    ledger = Ledger(url)
    at_most(ledger, 1)  # SQLite takes it for "as many as there are".
    async with ledger:
        await claimed(ledger, entry(1), entry(2))
        long = entry(1, attempts=1, reason="x" * 100_000)
        answers = await asyncio.gather(ledger.save(long), ledger.save(entry(2, attempts=1)), return_exceptions=True)
        assert [type(answer) for answer in answers] == [LedgerError, LedgerError]
        assert "database or disk is full" in str(answers[0])
        assert answers[0] is not answers[1]
        assert await stored(ledger, 1) == entry(1)
        await ledger.save(entry(1, attempts=2))
        assert (await stored(ledger, 1)).attempts == 2


async def test_a_real_full_disk_ends_the_opening_and_not_the_process(tmp_path: Path) -> None:
    """By the limit of a file's size, in a process of its own: the kernel refuses the write, not SQLite."""
    code = (
        "import asyncio, resource, sys\n"
        "from fleet.ledger.database.engine import LedgerError\n"
        "from fleet.ledger.store import Ledger\n"
        "async def main():\n"
        "    try:\n"
        "        async with Ledger(sys.argv[1]):\n"
        "            print('opened')\n"
        "    except LedgerError as error:\n"
        "        print(error)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000))\n"
        "asyncio.run(main())\n"
    )
    command = [sys.executable, "-c", code, f"sqlite:///{tmp_path}/ledger.sqlite"]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    (line,) = done.stdout.splitlines()
    assert "cannot be used: " in line


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0)


@pytest.mark.usefixtures("impatient")
async def test_a_stranger_that_holds_the_lock(tmp_path: Path) -> None:
    url = await made(path := tmp_path / "ledger.sqlite")
    with closing(sqlite3.connect(path, isolation_level=None)) as stranger:
        stranger.execute("BEGIN IMMEDIATE")
        assert "database is locked" in await refused(url)
        with pytest.raises(LedgerError, match="database is locked"):
            await read_history(url, Asked())
        stranger.execute("ROLLBACK")
    await made(path)


@pytest.mark.usefixtures("impatient")
async def test_a_stranger_that_comes_in_the_middle_of_a_run(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    async with Ledger(f"sqlite:///{path}") as ledger:
        await claimed(ledger, entry())
        with closing(sqlite3.connect(path, isolation_level=None)) as stranger:
            stranger.execute("BEGIN IMMEDIATE")
            with pytest.raises(LedgerError, match="database is locked"):
                await ledger.save(entry(attempts=1))
            stranger.execute("ROLLBACK")
        await ledger.save(entry(attempts=2))
        assert (await stored(ledger)).attempts == 2


async def test_a_short_lock_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    async with Ledger(f"sqlite:///{path}") as ledger:
        await claimed(ledger, entry())
        stranger = sqlite3.connect(path, isolation_level=None)
        stranger.execute("BEGIN IMMEDIATE")
        saving = asyncio.ensure_future(ledger.save(entry(attempts=1)))
        await asyncio.sleep(0.05)
        assert not saving.done()
        stranger.close()
        await saving


async def test_a_new_ledger_waits_while_another_first_run_makes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ledger.sqlite"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")  # SQLite fails a change of the journal's mode at once now, whatever its timeout.
    monkeypatch.setattr("fleet.ledger.database.engine.time.sleep", lambda _: other.close())
    async with Ledger(f"sqlite:///{path}") as ledger:
        await claimed(ledger, entry())


async def test_the_ledger_is_as_durable_as_it_says(tmp_path: Path) -> None:
    async with Ledger(f"sqlite:///{tmp_path}/ledger.sqlite") as ledger, ledger._engine.begin() as connection:
        for pragma, value in (("journal_mode", "wal"), ("synchronous", 2), ("busy_timeout", 10_000)):
            assert (await connection.exec_driver_sql(f"PRAGMA {pragma}")).scalar() == value
