"""Forgets automatic plans that a person has deleted in the panel: the API does not show that they are gone."""

import time
from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fleet.ledger.database.engine import is_missing
from fleet.ledger.database.schema import claims, entries
from fleet.ledger.database.transaction import written
from fleet.ledger.entry_rows import Subject, subject_of
from fleet.ledger.lease import living


async def forget_plans(url: str, keys: Collection[str]) -> dict[str, Subject]:
    """Remove automatic plans from the ledger, except those that a run is processing now.

    Args:
        url: of the ledger; a missing one is empty.
        keys: of the plans.

    Returns:
        The subject of each removed plan, by key.

    Raises:
        LedgerError: the ledger cannot be written.
    """
    if is_missing(url):
        return {}
    # This machine's clock is good enough: at worst, an expired lease keeps a plan a minute longer.
    these = entries.c.key.in_(keys), entries.c.automatic, entries.c.owner.not_in(living(time.time()))
    found: dict[str, Subject] = {}

    async def work(connection: AsyncConnection) -> set[str]:
        rows = (await connection.execute(sa.select(entries).where(*these))).all()
        found.update({row.key: subject_of(row) for row in rows})  # Also what an earlier attempt has removed.
        await connection.execute(entries.delete().where(*these))
        kept = set((await connection.scalars(sa.select(entries.c.key).where(entries.c.key.in_(found)))).all())
        await connection.execute(claims.delete().where(claims.c.key.in_(found.keys() - kept)))
        return kept

    kept = await written(url, work)
    return {key: subject for key, subject in found.items() if key not in kept}
