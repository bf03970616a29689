"""Packs an application into a tar archive and dumps a database to SQL, and restores both.

Everything here blocks on disk I/O and is called from a thread.
"""

import gzip
import os
import shutil
import sqlite3
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

_MAKING_ONCE = threading.Lock()


@dataclass(frozen=True)
class PackingJob:
    """What one backup packs; missing parts are None.

    Attributes:
        application: folder of the application.
        application_archive: the `.tar` or `.tar.gz` to write.
        database: SQLite file.
        database_archive: the `.sql` or `.sql.gz` to write.
        precomputed: folder of archives to link instead of packing again; None packs.
    """

    application: Path | None
    application_archive: Path | None
    database: Path | None
    database_archive: Path | None
    precomputed: Path | None = None


@dataclass(frozen=True)
class Packed:
    """Sizes of the written archives, in bytes."""

    application_bytes: int
    database_bytes: int


def pack(job: PackingJob) -> Packed:
    """Write the archives of one backup.

    Raises:
        OSError: a file cannot be read or written.
        sqlite3.Error: the database cannot be read.
    """
    return Packed(
        _make(job.application, job.application_archive, pack_application, job.precomputed),
        _make(job.database, job.database_archive, dump_database, job.precomputed),
    )


def pack_application(folder: Path, archive: Path) -> None:
    """Pack a folder, with names relative to it in a fixed order."""
    with _written(archive) as stream, tarfile.open(fileobj=stream, mode="w") as tar:
        for path in sorted(folder.rglob("*")):
            tar.add(path, arcname=str(path.relative_to(folder)), recursive=False)


def dump_database(database: Path, archive: Path) -> None:
    """Dump a SQLite database to SQL text."""
    with _written(archive) as stream, closing(_open_read_only(database)) as connection:
        for statement in connection.iterdump():
            stream.write(f"{statement}\n".encode())


@contextmanager
def _written(archive: Path) -> Iterator[IO[bytes]]:
    """A file to write, compressed if its name ends in `.gz`; it gets its name only once complete."""
    unfinished = archive.with_name(archive.name + ".unfinished")
    with unfinished.open("wb") as raw:
        if archive.suffix == ".gz":
            with gzip.GzipFile(filename="", mode="wb", fileobj=raw, compresslevel=6) as compressed:
                yield cast("IO[bytes]", compressed)
        else:
            yield raw
    unfinished.replace(archive)


def unpack_application(archive: Path, folder: Path) -> None:
    """Restore a folder from an archive; the old one stays until the new one is complete."""
    fresh = folder.with_name(folder.name + ".restoring")
    shutil.rmtree(fresh, ignore_errors=True)
    with tarfile.open(archive) as tar:
        # Python 3.11.2, Debian 12's, has no filters. The archives are the sandbox's own.
        tar.extraction_filter = getattr(tarfile, "data_filter", None)
        tar.extractall(fresh)  # noqa: S202 - filtered
    shutil.rmtree(folder, ignore_errors=True)
    fresh.rename(folder)


def load_database(archive: Path, database: Path) -> None:
    """Restore a SQLite database from a dump; the old one stays until the new one is complete."""
    fresh = database.with_name(database.name + ".restoring")
    fresh.parent.mkdir(parents=True, exist_ok=True)
    fresh.unlink(missing_ok=True)
    with closing(sqlite3.connect(fresh)) as connection:
        connection.executescript(read_dump(archive))
    fresh.replace(database)


def read_dump(archive: Path) -> str:
    """The SQL text of a dump."""
    content = archive.read_bytes()
    return (gzip.decompress(content) if archive.suffix == ".gz" else content).decode()


def _make(
    source: Path | None,
    archive: Path | None,
    write: Callable[[Path, Path], None],
    precomputed: Path | None,
) -> int:
    if source is None or archive is None:
        return 0
    if not source.exists():
        raise FileNotFoundError(f"{source} is gone")
    archive.parent.mkdir(parents=True, exist_ok=True)
    if precomputed is None:
        write(source, archive)
    else:
        once = precomputed / archive.name[archive.name.index(".") :].lstrip(".")
        with _MAKING_ONCE:
            if not once.exists():
                precomputed.mkdir(parents=True, exist_ok=True)
                write(source, once)
        _link(once, archive)
    return archive.stat().st_size


def _link(once: Path, archive: Path) -> None:
    archive.unlink(missing_ok=True)
    try:
        os.link(once, archive)
    except OSError:  # a file system without links, or too many links to one file
        shutil.copyfile(once, archive)


def _open_read_only(database: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)
