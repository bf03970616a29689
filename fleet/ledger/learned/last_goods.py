"""What is known of targets since their last good backups, so that a run need not look everything up again.

It only makes runs cheaper, so an unusable ledger causes a warning, not a failure.
"""

from collections.abc import Callable, Collection, Iterable, Mapping

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fleet.inventory.target import Target
from fleet.ledger.database.engine import LedgerError, by_statement
from fleet.ledger.database.schema import last_goods
from fleet.ledger.database.transaction import read, written
from fleet.ledger.database.upsert import upsert
from fleet.observed.trust import LastGood
from fleet.serveravatar.text import well_formed


class LedgerLastGoods:
    """The last good backups of one API's targets, in the ledger."""

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

    async def recall(self, targets: Iterable[Target]) -> dict[str, LastGood]:
        """What is known of these targets, by their key without a run."""
        keys = [target.key("") for target in targets if not target.request.automatic_backup]

        async def work(connection: AsyncConnection) -> dict[str, LastGood]:
            found: dict[str, LastGood] = {}
            for some in by_statement(keys):
                query = sa.select(last_goods).where(last_goods.c.api == self._api, last_goods.c.key.in_(some))
                for row in await connection.execute(query):
                    seen = row.size_mb, row.application, row.domain, row.seconds
                    found[row.key] = LastGood(row.request, row.checked_at, *seen)
            return found

        try:
            return await read(self._url, work, {})
        except LedgerError as error:
            self._warn(f"everything is looked up, as on the first night: {error}")
            return {}

    async def remember(self, good: Mapping[str, LastGood], lost: Collection[str]) -> None:
        """Store what was seen good, and forget what was not; both by their key without a run."""
        place = {"api": self._api}
        rows = [place | {"key": key} | _columns(last) for key, last in sorted(good.items())]

        async def work(connection: AsyncConnection) -> None:
            for some in by_statement(sorted(lost)):
                of_some = last_goods.c.api == self._api, last_goods.c.key.in_(some)
                await connection.execute(last_goods.delete().where(*of_some))
            await upsert(connection, last_goods, rows)

        if not (good or lost):
            return
        try:
            await written(self._url, work)
        except LedgerError as error:
            self._warn(f"the next run will look everything up again: {error}")


def _columns(last: LastGood) -> dict[str, object]:
    return {
        "request": last.request,
        "checked_at": last.checked_at,
        "size_mb": last.size_mb,
        "application": well_formed(last.application),
        "domain": well_formed(last.domain),
        "seconds": last.seconds,
    }
