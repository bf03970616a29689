"""Forgets automatic plans that a person has deleted in the panel: the API does not show that they are gone."""

import time
from collections.abc import Collection

import sqlalchemy as sa

from fleet.ledger.database.engine import is_missing
from fleet.ledger.database.schema import claims, entries
from fleet.ledger.database.shielded import shielded
from fleet.ledger.database.transaction import transaction
from fleet.ledger.entry_rows import Subject, subject_of
from fleet.ledger.lease import living


@shielded
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
    async with transaction(url) as connection:
        rows = (await connection.execute(sa.select(entries).where(*these))).all()
        await connection.execute(entries.delete().where(*these))
        await connection.execute(claims.delete().where(claims.c.key.in_([row.key for row in rows])))
    return {row.key: subject_of(row) for row in rows}
