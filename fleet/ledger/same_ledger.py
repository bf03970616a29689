"""Whether the open ledger is still the one that the run began with, and the one that the next run will find.

The lease of the run is a row that nobody else writes, so a ledger without it was emptied, or restored from an older
copy. A file of SQLite stays open and writable after it was deleted or replaced; nobody will find again what is written
to it then.
"""

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from fleet.ledger.database.engine import ReplacedLedgerError
from fleet.ledger.database.schema import owners

_Identity = tuple[int, int]
"""Device and inode."""


class SameLedger:
    """Compares the ledger of a run, in each of its transactions, with the one that it began with."""

    def __init__(self, engine: AsyncEngine, owner: str) -> None:
        """Prepare.

        Args:
            engine: of the ledger.
            owner: the id of the run's lease.
        """
        self._owner = owner
        self._file = Path(str(engine.url.database)).absolute() if engine.dialect.name == "sqlite" else None
        self._began_with: _Identity | None = None
        self._size = 0
        self._log: _Identity | None = None
        sa.event.listen(engine.sync_engine, "connect", self._begin_log)

    async def prove(self, connection: AsyncConnection) -> None:
        """Lock the row of the lease, at the beginning of a transaction.

        So a transaction that is repeated waits until its earlier attempt has been committed or given up.

        Raises:
            ReplacedLedgerError: there is no such row, or the file is another one.
        """
        self.prove_file()  # Before SQLite finds out that it is malformed, which says less.
        lease = sa.select(owners.c.id).where(owners.c.id == self._owner).with_for_update()
        try:
            found = await connection.scalar(lease)
        except ProgrammingError:  # PostgreSQL: there is no such table.
            found = None
        if found is None:
            raise ReplacedLedgerError("it was emptied or replaced while this run was using it")

    def prove_file(self) -> None:
        """Look whether the path still leads to the open file and its log.

        Raises:
            ReplacedLedgerError: it does not, or the file was truncated.
        """
        if self._file is None:
            return
        found, log = _identity(self._file), _identity(self._file.with_name(f"{self._file.name}-wal"))
        self._began_with, self._log = self._began_with or found, self._log or log
        size = self._file.stat().st_size if found else 0
        if found is None or (found, log) != (self._began_with, self._log) or size < self._size:
            raise ReplacedLedgerError("its file was deleted, replaced or truncated while this run was using it")
        self._size = size

    def _begin_log(self, _connection: object, _record: object) -> None:
        """SQLite deletes its log with the last connection; the next one begins another."""
        self._log = None


def _identity(path: Path) -> _Identity | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
