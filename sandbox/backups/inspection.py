"""Opens every archive and compares it with its source."""

import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sandbox.answers.queries import every_backup
from sandbox.backups.maker import COMPLETED
from sandbox.backups.packing import read_dump
from sandbox.world.state import Row, State


@dataclass(frozen=True)
class ArchiveInspection:
    """The contents of the archives of one completed backup.

    Attributes:
        backup_id: its id.
        name: name of an instant backup; None for a plan's.
        server: name of its server.
        application: name of its application.
        archives: its archives.
        bytes: their total size.
        files: regular files in the application's archive.
        files_compared: how many of them were compared with their source byte by byte.
        tables: tables in the database's dump.
        rows: rows in all tables.
        problem: the first problem; None if there is none.
    """

    backup_id: int
    name: str | None
    server: str
    application: str
    archives: tuple[Path, ...]
    bytes: int
    files: int
    files_compared: int
    tables: int
    rows: int
    problem: str | None


class _Mismatch(Exception):  # noqa: N818 - becomes a problem in the result
    """An archive does not match its source."""


def inspect_archives(folder: Path, sample: int | None = None) -> list[ArchiveInspection]:
    """Open the archives of every completed backup and compare them with their sources.

    Args:
        folder: the sandbox's folder; the sandbox may be running.
        sample: files to compare in each archive, evenly spread; None for all.

    Returns:
        One inspection for each completed backup that is not deleted, oldest first.
    """
    with closing(State(folder)) as state:
        backups = [row for row in every_backup(state) if row["status"] == COMPLETED and row["deleted_at"] is None]
    return [_inspect(folder, row, sample) for row in backups]


def _inspect(folder: Path, backup: Row, sample: int | None) -> ArchiveInspection:
    archives = tuple(folder / backup[part] for part in ("application_path", "database_path") if backup[part])
    files = compared = tables = rows = 0
    problem = None if archives else "no archive"
    try:
        if backup["application_path"]:
            archive = folder / backup["application_path"]
            files, compared = _compare_files(archive, folder / backup["application_source"], sample)
        if backup["database_path"]:
            tables, rows = _compare_rows(folder / backup["database_path"], folder / backup["database_source"])
    except (_Mismatch, OSError, EOFError, tarfile.TarError, sqlite3.Error, UnicodeDecodeError) as error:
        problem = str(error)
    return ArchiveInspection(
        backup_id=backup["id"],
        name=backup["configuration_name"],
        server=backup["server_name"],
        application=backup["application_name"],
        archives=archives,
        bytes=sum(archive.stat().st_size for archive in archives if archive.exists()),
        files=files,
        files_compared=compared,
        tables=tables,
        rows=rows,
        problem=problem,
    )


def _compare_files(archive: Path, source: Path, sample: int | None) -> tuple[int, int]:
    """The number of files in an archive, and of those compared."""
    with tarfile.open(archive) as tar:
        members = {member.name: member for member in tar.getmembers() if member.isfile()}
        expected = {str(path.relative_to(source)) for path in source.rglob("*") if path.is_file()}
        if missing := sorted(expected - set(members)):
            raise _Mismatch(f"{missing[0]} is missing from the archive")
        if unknown := sorted(set(members) - expected):
            raise _Mismatch(f"{unknown[0]} is in the archive, but not in the application")
        chosen = list(_spread(sorted(members), sample))
        for name in chosen:
            content = tar.extractfile(members[name])
            if content is None or content.read() != (source / name).read_bytes():
                raise _Mismatch(f"{name} differs from its source")
    return len(members), len(chosen)


def _compare_rows(archive: Path, source: Path) -> tuple[int, int]:
    """The number of tables in a dump, and of rows in all of them."""
    with closing(sqlite3.connect(":memory:")) as loaded:
        loaded.executescript(read_dump(archive))
        found = _rows_of(loaded)
    with closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as original:
        expected = _rows_of(original)
    if found != expected:
        wrong = min(name for name in found | expected if found.get(name) != expected.get(name))
        raise _Mismatch(f"table {wrong}: {found.get(wrong)} rows in the dump, {expected.get(wrong)} in the database")
    return len(found), sum(found.values())


def _rows_of(connection: sqlite3.Connection) -> dict[str, int]:
    names = [
        row[0]
        for row in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        )
    ]
    quoted = {name: '"' + name.replace('"', '""') + '"' for name in names}
    return {
        name: connection.execute(f"SELECT count(*) FROM {quoted[name]}").fetchone()[0]  # noqa: S608 - quoted
        for name in names
    }


def _spread(names: list[str], sample: int | None) -> Iterator[str]:
    """All names, or an evenly spread sample."""
    if sample is None or sample >= len(names):
        yield from names
    else:
        yield from (names[index * len(names) // sample] for index in range(sample))
