"""How the ledger's database is reached: SQLite with durable commits by default, PostgreSQL for several workers."""

import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from fleet.ledger.database.lost_connection import invalidate
from fleet.ledger.database.privacy import warn_if_open_to_all

try:
    from asyncpg import InterfaceError, PostgresError  # type: ignore[import-untyped] # it has no types
except ImportError:  # Only installed with fleet-backup[postgresql].
    _OF_ASYNCPG: tuple[type[Exception], ...] = ()
else:
    _OF_ASYNCPG = (InterfaceError, PostgresError)

_A_STATEMENT: Final = 500
"""Well below the number of parameters of any database."""
BUSY_SECONDS: Final = 10
"""How long a write waits for another program that holds the database."""
UNUSABLE: Final[tuple[type[Exception], ...]] = (SQLAlchemyError, OSError, TypeError, ValueError, *_OF_ASYNCPG)
"""The errors of an unusable ledger. SQLAlchemy does not wrap what asyncpg raises when connecting; a driver raises a
TypeError for an unknown URL option, and a ValueError for text that it cannot encode."""
CONNECT_SECONDS: Final = 10.0
"""How long connecting to PostgreSQL may take."""
SILENT_SECONDS: Final = 30.0
"""How long a statement may take, and how long PostgreSQL keeps a transaction whose client has fallen silent: after a
connection was dropped on the way, it would hold its locks for hours, and what is repeated would wait for them."""
_DRIVERS: Final = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}
_replaced: set[str] = set()
"""Files that were replaced under this process: opening one would make it again, beside the log of what is gone."""
Key = TypeVar("Key")


class LedgerError(Exception):
    """The ledger cannot be used. One line: which, why, and what to do."""

    def is_told_in(self, text: str) -> bool:
        """Whether a text already reports that this ledger cannot be used, for whatever reason."""
        return str(self).partition(": ")[0] in text


class ReplacedLedgerError(ValueError):
    """It is not the ledger that the run began with; one of `UNUSABLE`."""


def refuse(url: sa.URL) -> None:
    """Refuse to open a ledger again in this process: it was replaced."""
    _replaced.add(str(url.database))


def named(url: sa.URL) -> str:
    """Name a ledger, without the password in its URL."""
    shown = url.set(query={}).render_as_string(hide_password=True)  # The query may contain a password, too.
    return f"the ledger {shown}"


def in_words(problem: object) -> str:
    """Say on one line what is wrong."""
    if isinstance(problem, DBAPIError):
        problem = problem.orig
    return (" ".join(str(problem).split()) or type(problem).__name__)[:300]


def explained(url: sa.URL, problem: object) -> str:
    """Explain what is wrong with a ledger."""
    advice = "Fix it, or set another one in FLEET_BACKUP_LEDGER_URL"
    if isinstance(problem, ReplacedLedgerError):
        advice = "Bring it back before the next run, which would otherwise create again what this run has created"
    return f"{named(url)} cannot be used: {in_words(problem)}. {advice}"


def by_statement(keys: Sequence[Key]) -> Iterator[Sequence[Key]]:
    """Split keys into as many as a statement of any database takes."""
    for start in range(0, len(keys), _A_STATEMENT):
        yield keys[start : start + _A_STATEMENT]


def is_missing(url: str) -> bool:
    """Whether a ledger's file is missing, so that opening it would create it; an invalid URL is not missing."""
    try:
        parsed = sa.make_url(url)
    except (ArgumentError, ValueError):
        return False  # `create_engine` reports what is wrong.
    return parsed.get_backend_name() == "sqlite" and not Path(str(parsed.database)).is_file()


def create_engine(url: str, *, fleeting: float | None = None) -> AsyncEngine:
    """Prepare the engine; nothing is opened yet.

    Args:
        url: an SQLAlchemy URL; the driver may be left out.
        fleeting: for short-lived data: the most seconds to wait, and commits need not be durable.

    Raises:
        LedgerError: not a URL of SQLite or PostgreSQL, a missing driver, or a folder that cannot be created.
    """
    try:
        parsed = sa.make_url(url)
    except (ArgumentError, ValueError):  # An invalid port is a ValueError.
        raise LedgerError(
            "FLEET_BACKUP_LEDGER_URL is not a database URL, such as sqlite:////var/lib/ledger.sqlite"
        ) from None
    backend = parsed.get_backend_name() if parsed.drivername not in _DRIVERS else parsed.drivername
    if backend not in _DRIVERS:
        raise LedgerError(f"FLEET_BACKUP_LEDGER_URL: {backend} is not supported; use sqlite or postgresql")
    parsed = parsed.set(drivername=_DRIVERS[backend])
    return _sqlite(parsed, fleeting) if backend == "sqlite" else _postgresql(parsed, fleeting)


def _postgresql(url: sa.URL, fleeting: float | None) -> AsyncEngine:
    if "sslmode" in url.query:  # The usual spelling, but asyncpg's.
        url = url.difference_update_query(["sslmode"]).update_query_dict({"ssl": url.query["sslmode"]})
    options: dict[str, Any] = {"timeout": CONNECT_SECONDS, "command_timeout": SILENT_SECONDS}
    if fleeting is not None:
        options = {"timeout": fleeting, "command_timeout": fleeting, "server_settings": {"synchronous_commit": "off"}}
    try:
        engine = create_async_engine(url, pool_size=2, max_overflow=0, pool_pre_ping=True, connect_args=options)
    except ImportError:
        raise LedgerError(explained(url, "asyncpg is missing: install fleet-backup[postgresql]")) from None
    sa.event.listen(engine.sync_engine, "connect", _end_silent_transactions)
    sa.event.listen(engine.sync_engine, "handle_error", invalidate)
    return engine


def _end_silent_transactions(connection: Any, _record: object) -> None:  # noqa: ANN401 - SQLAlchemy's adapter of asyncpg
    """By a statement and not by an option of the connection, which PgBouncer refuses."""
    cursor = connection.cursor()
    cursor.execute(f"SET idle_in_transaction_session_timeout = {SILENT_SECONDS * 1000:.0f}")
    cursor.close()
    connection.commit()


def _sqlite(url: sa.URL, fleeting: float | None) -> AsyncEngine:
    if url.database in (None, "", ":memory:"):
        raise LedgerError("FLEET_BACKUP_LEDGER_URL names no file: a ledger in memory would forget what was sent")
    if url.database in _replaced:
        raise LedgerError(explained(url, ReplacedLedgerError("it was replaced while this run was using it")))
    busy_seconds = BUSY_SECONDS if fleeting is None else fleeting
    try:
        Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Fail here: aiosqlite would leave a thread that reports the failure later, on the terminal.
        _write_ahead(str(url.database), busy_seconds)
    except (OSError, sqlite3.Error) as error:
        raise LedgerError(explained(url, error)) from None
    engine = create_async_engine(url, pool_size=1, max_overflow=0, connect_args={"timeout": busy_seconds})
    prepare = partial(_prepare, busy_seconds, "FULL" if fleeting is None else "NORMAL")
    sa.event.listen(engine.sync_engine, "connect", prepare)
    sa.event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _write_ahead(database: str, busy_seconds: float) -> None:
    """Create the file if it is missing, in the mode in which readers do not block the writer; a file keeps the mode.

    SQLite does not wait while it changes the mode, so two first runs at once would make each other fail.
    """
    until = time.monotonic() + busy_seconds
    with suppress(OSError):  # SQLite would let everybody read it; where it is there or cannot be made, SQLite decides.
        os.close(os.open(database, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    warn_if_open_to_all(Path(database))
    with closing(sqlite3.connect(database, timeout=busy_seconds)) as connection:
        while True:
            try:
                connection.execute("PRAGMA journal_mode=WAL")
            except sqlite3.OperationalError as error:
                if not error.sqlite_errorname.startswith("SQLITE_BUSY") or time.monotonic() > until:
                    raise
                time.sleep(0.01)
            else:
                return


def _prepare(busy_seconds: float, synchronous: str, connection: Any, _record: object) -> None:  # noqa: ANN401 - SQLAlchemy's adapter of aiosqlite
    """FULL: commits are durable even when the power fails."""
    connection.isolation_level = None  # Transactions are begun by `_begin`.
    cursor = connection.cursor()
    try:
        cursor.execute(f"PRAGMA busy_timeout={busy_seconds * 1000:.0f}")
        cursor.execute(f"PRAGMA synchronous={synchronous}")
    except Exception:
        connection.close()  # Otherwise its thread outlives the event loop.
        raise
    cursor.close()


def _begin(connection: sa.Connection) -> None:
    """Take the write lock at once: one taken later in the transaction can fail without waiting."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")
