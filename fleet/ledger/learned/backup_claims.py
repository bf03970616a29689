"""Which key each row of the backup list belongs to: one unique record per row, for all runs.

Implements `fleet.backup_list.ownership.Claims`. A row without a name may belong to anything. It is claimed before it
counts as evidence, so that two runs, or an instant backup and a plan of one application, never share one.
"""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fleet.ledger.database.engine import by_statement
from fleet.ledger.database.schema import claims, entries
from fleet.ledger.database.transaction import read
from fleet.ledger.database.upsert import insert_missing
from fleet.ledger.store import Ledger


class LedgerClaims:
    """The claims of a run, in its open ledger."""

    def __init__(self, ledger: Ledger, api: str) -> None:
        """Prepare.

        Args:
            ledger: of the run.
            api: its URL, since ids are only valid within one API.
        """
        self._ledger = ledger
        self._api = api

    async def claim(self, organization: int, wanted: Mapping[int, str]) -> dict[int, str]:
        """Claim the unclaimed rows, durably; return the key that owns each row.

        Raises:
            LedgerError: the ledger cannot be written.
        """
        place = {"api": self._api, "organization": organization, "claimed_at": self._ledger.now()}
        rows = [{**place, "backup_id": number, "key": wanted[number]} for number in sorted(wanted)]

        async def work(connection: AsyncConnection) -> dict[int, str]:
            await insert_missing(connection, claims, rows)
            return await _owners(connection, self._api, organization, sorted(wanted))

        return await self._ledger.transact(work)


class KnownClaims:
    """The existing claims, read only."""

    def __init__(self, url: str, api: str) -> None:
        self._url = url
        self._api = api

    async def claim(self, organization: int, wanted: Mapping[int, str]) -> dict[int, str]:
        """Return the key that owns each row, or would own it.

        Raises:
            LedgerError: the ledger cannot be read.
        """

        async def work(connection: AsyncConnection) -> dict[int, str]:
            return await _owners(connection, self._api, organization, sorted(wanted))

        return {**wanted, **await read(self._url, work, {})}


async def _owners(connection: AsyncConnection, api: str, organization: int, rows: list[int]) -> dict[int, str]:
    owners: dict[int, str] = {}
    for some in by_statement(rows):
        place = claims.c.api == api, claims.c.organization == organization, claims.c.backup_id.in_(some)
        found = await connection.execute(sa.select(claims.c.backup_id, claims.c.key).where(*place))
        owners |= {row.backup_id: row.key for row in found}
    return owners


async def known_plans(url: str, organizations: set[int]) -> dict[int, frozenset[int]]:
    """The ids of the plans that the ledger knows, by organization.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    query = sa.select(entries.c.organization, entries.c.plan_id).where(
        entries.c.automatic, entries.c.plan_id.is_not(None), entries.c.organization.in_(organizations)
    )

    async def work(connection: AsyncConnection) -> dict[int, frozenset[int]]:
        plans: dict[int, set[int]] = {organization: set() for organization in organizations}
        for row in await connection.execute(query):
            plans[row.organization].add(row.plan_id)
        return {organization: frozenset(ids) for organization, ids in plans.items()}

    return await read(url, work, dict.fromkeys(organizations, frozenset()))
