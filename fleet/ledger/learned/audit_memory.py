"""What audits have seen of the backup lists, kept in the ledger (`fleet.backup_list.sightings`).

It only makes audits cheaper, so an unusable ledger causes a warning, not a failure.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncConnection

from fleet.backup_list.sightings import Sightings
from fleet.ledger.database.engine import LedgerError, by_statement
from fleet.ledger.database.schema import seen_backups, seen_lists
from fleet.ledger.database.transaction import written
from fleet.ledger.database.upsert import upsert
from fleet.serveravatar.models import Backup

_KEY: Final = ("api", "organization", "id")
_BACKUPS: Final = TypeAdapter(list[Backup])


class LedgerMemory:
    """Remembers in the ledger (`fleet.audit.auditing.Memory`)."""

    def __init__(self, url: str, api: str, warn: Callable[[str], None]) -> None:
        """Prepare it; nothing is opened yet.

        Args:
            url: of the ledger.
            api: its URL, since ids are only valid within one API.
            warn: called if the ledger cannot be used.
        """
        self._url = url
        self._api = api
        self._warn = warn

    async def recall(self, organization: int) -> Sightings | None:
        """What was seen of an organization's backup list."""
        try:
            return await self._recall(organization)
        except LedgerError as error:
            self._warn(f"reading the whole backup list: {error}")
            return None

    async def remember(self, organization: int, before: Sightings | None, after: Sightings) -> None:
        """Store what was seen; only differences are written."""
        try:
            await self._remember(organization, before, after)
        except LedgerError as error:
            self._warn(f"the next audit will read everything again: {error}")

    async def _recall(self, organization: int) -> Sightings | None:
        of_it = seen_lists.c.api == self._api, seen_lists.c.organization == organization

        async def work(connection: AsyncConnection) -> Sightings | None:
            seen = (await connection.execute(sa.select(seen_lists).where(*of_it))).one_or_none()
            if seen is None:
                return None
            rows = await connection.execute(sa.select(seen_backups).where(*self._of(organization)))
            backups = tuple(_BACKUPS.validate_python([{"id": row.id, **row.row} for row in rows]))
            oldest = None if seen.oldest is None else _time(seen.oldest)
            return Sightings(backups, seen.floor, oldest, _time(seen.read_at), _time(seen.since))

        return await written(self._url, work)

    async def _remember(self, organization: int, before: Sightings | None, after: Sightings) -> None:
        known = {backup.id: backup for backup in before.backups} if before else {}
        kept = {backup.id for backup in after.backups}
        changed = [backup for backup in after.backups if known.get(backup.id) != backup]
        gone = [number for number in known if number not in kept]
        place = {"api": self._api, "organization": organization}
        rows = _BACKUPS.dump_python(changed, mode="json", exclude_none=True)
        seen = [place | {"id": row["id"], "row": row} for row in rows]

        async def work(connection: AsyncConnection) -> None:
            for some in by_statement(gone):
                of_some = seen_backups.c.id.in_(some)
                await connection.execute(seen_backups.delete().where(*self._of(organization), of_some))
            await upsert(connection, seen_backups, seen)
            await upsert(connection, seen_lists, [place | _extent(after)])

        await written(self._url, work)

    def _of(self, organization: int) -> tuple[sa.ColumnElement[bool], ...]:
        return seen_backups.c.api == self._api, seen_backups.c.organization == organization


def _extent(seen: Sightings) -> dict[str, float | int | None]:
    return {
        "floor": seen.floor,
        "oldest": seen.oldest.timestamp() if seen.oldest else None,
        "read_at": seen.read_at.timestamp(),
        "since": seen.since.timestamp(),
    }


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
