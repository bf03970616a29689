"""The sandbox's state: one SQLite file, used by one thread.

A commit is not followed by an fsync: state survives any end of the process; only a crash of the machine could
lose it.
"""

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Row = dict[str, Any]

STATE_FILE = "sandbox.sqlite"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS organizations (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, description TEXT NOT NULL, created_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS servers (
    id INTEGER PRIMARY KEY, organization_id INTEGER NOT NULL REFERENCES organizations, name TEXT NOT NULL,
    tags TEXT NOT NULL, timezone TEXT NOT NULL, disk_total_gb REAL NOT NULL, disk_used_gb REAL NOT NULL,
    connected INTEGER NOT NULL, monitored INTEGER NOT NULL, created_at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS servers_of ON servers (organization_id, id);
CREATE TABLE IF NOT EXISTS databases (
    id INTEGER PRIMARY KEY, organization_id INTEGER NOT NULL, server_id INTEGER NOT NULL REFERENCES servers,
    name TEXT NOT NULL, path TEXT NOT NULL, bytes INTEGER NOT NULL, created_at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS databases_of ON databases (server_id, id);
CREATE INDEX IF NOT EXISTS databases_of_organization ON databases (organization_id, id);
CREATE TABLE IF NOT EXISTS applications (
    id INTEGER PRIMARY KEY, organization_id INTEGER NOT NULL, server_id INTEGER NOT NULL REFERENCES servers,
    database_id INTEGER REFERENCES databases, name TEXT NOT NULL, domain TEXT NOT NULL,
    framework TEXT NOT NULL, path TEXT NOT NULL, bytes INTEGER NOT NULL, created_at REAL NOT NULL,
    active INTEGER NOT NULL DEFAULT 1);
CREATE INDEX IF NOT EXISTS applications_of ON applications (server_id, id);
CREATE INDEX IF NOT EXISTS applications_of_organization ON applications (organization_id, id);
CREATE TABLE IF NOT EXISTS providers (
    id INTEGER PRIMARY KEY, organization_id INTEGER NOT NULL, name TEXT NOT NULL, provider TEXT NOT NULL,
    email TEXT);
CREATE TABLE IF NOT EXISTS configurations (
    id INTEGER PRIMARY KEY AUTOINCREMENT, organization_id INTEGER NOT NULL, server_id INTEGER NOT NULL,
    name TEXT, automatic INTEGER NOT NULL, request TEXT NOT NULL, starts_at REAL NOT NULL,
    dues_made INTEGER NOT NULL, next_due REAL, made_by TEXT NOT NULL DEFAULT 'api');
CREATE INDEX IF NOT EXISTS configurations_due ON configurations (next_due) WHERE next_due IS NOT NULL;
CREATE INDEX IF NOT EXISTS plans_of ON configurations (server_id) WHERE automatic = 1;
CREATE TABLE IF NOT EXISTS backups (
    id INTEGER PRIMARY KEY AUTOINCREMENT, configuration_id INTEGER NOT NULL REFERENCES configurations,
    organization_id INTEGER NOT NULL, server_id INTEGER NOT NULL, provider_id INTEGER NOT NULL,
    application_id INTEGER NOT NULL, database_id INTEGER, hash TEXT NOT NULL, application_extension TEXT,
    database_extension TEXT, application_path TEXT, database_path TEXT,
    application_bytes INTEGER NOT NULL DEFAULT 0,
    database_bytes INTEGER NOT NULL DEFAULT 0, total_application_bytes INTEGER NOT NULL DEFAULT 0,
    total_database_bytes INTEGER NOT NULL DEFAULT 0, status TEXT NOT NULL, problem TEXT,
    created_at REAL NOT NULL, updated_at REAL NOT NULL, expires_at REAL, deleted_at REAL);
CREATE INDEX IF NOT EXISTS backups_listed ON backups (organization_id, id, created_at, deleted_at)
    WHERE deleted_at IS NULL;
CREATE INDEX IF NOT EXISTS backups_unfinished ON backups (id) WHERE status IN ('Pending', 'In Progress');
"""


class State:
    """Rows of the sandbox as plain dicts.

    Table and column names in the calls below come from this package, never from a request.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        # One thread at a time uses it, but not always the same (a test's, then the server's).
        self._connection = sqlite3.connect(folder / STATE_FILE, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.executescript(_SCHEMA)
        self._add_column("applications", "active", "INTEGER NOT NULL DEFAULT 1")
        self._add_column("configurations", "made_by", "TEXT NOT NULL DEFAULT 'api'")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def rows(self, sql: str, *values: object) -> list[Row]:
        """All rows of a query."""
        return [dict(row) for row in self._connection.execute(sql, values)]

    def row(self, sql: str, *values: object) -> Row | None:
        """The first row of a query."""
        row = self._connection.execute(sql, values).fetchone()
        return None if row is None else dict(row)

    def number(self, sql: str, *values: object) -> int:
        """The single number that a query returns."""
        return int(self._connection.execute(sql, values).fetchone()[0])

    def find(self, table: str, **equals: object) -> Row | None:
        """The first row of a table with these values."""
        where = " AND ".join(f"{column} = ?" for column in equals)
        return self.row(f"SELECT * FROM {table} WHERE {where}", *equals.values())  # noqa: S608 - see the class

    def insert(self, table: str, **values: object) -> int:
        """Add a row and return its id."""
        columns, places = ", ".join(values), ", ".join("?" * len(values))
        sql = f"INSERT INTO {table} ({columns}) VALUES ({places})"  # noqa: S608 - see the class
        return self._connection.execute(sql, tuple(values.values())).lastrowid or 0

    def insert_all(self, table: str, rows: Iterable[Row]) -> None:
        """Add rows."""
        for row in rows:
            self.insert(table, **row)

    def update(self, table: str, row_id: int, **values: object) -> None:
        """Change columns of one row."""
        columns = ", ".join(f"{column} = ?" for column in values)
        sql = f"UPDATE {table} SET {columns} WHERE id = ?"  # noqa: S608 - see the class
        self._connection.execute(sql, (*values.values(), row_id))

    def next_id(self, table: str) -> int:
        """An unused id of a table."""
        return self.number(f"SELECT coalesce(max(id), 0) + 1 FROM {table}")  # noqa: S608 - see the class

    def remember(self, key: str, value: object) -> None:
        """Save one JSON value under a key."""
        self._connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, json.dumps(value)))

    def recall(self, key: str) -> Any:  # noqa: ANN401 - JSON
        """The value under a key, or None."""
        row = self.row("SELECT value FROM meta WHERE key = ?", key)
        return None if row is None else json.loads(row["value"])

    def count_from(self, table: str, first_id: int) -> None:
        """Start the ids of an empty table at `first_id`."""
        self._connection.execute("INSERT INTO sqlite_sequence VALUES (?, ?)", (table, first_id - 1))

    def begin(self) -> None:
        """Open a transaction, which `commit` saves."""
        self._connection.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Save everything since `begin`."""
        self._connection.execute("COMMIT")

    def _add_column(self, table: str, name: str, kind: str) -> None:
        """Add a column that a world of an earlier version lacks."""
        if not self.number(f"SELECT count(*) FROM pragma_table_info('{table}') WHERE name = '{name}'"):  # noqa: S608 - see the class
            self._connection.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind}")
