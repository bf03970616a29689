"""Dialects in the ledger: what was learned of each API and organization, for all runs, audits and tokens to come."""

import time
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError

from fleet.dialect.combining import combined
from fleet.dialect.dialect import UNKNOWN, Dialect
from fleet.ledger.schema import dialects
from fleet.ledger.transaction import read_only, transaction
from fleet.ledger.upsert import insert_missing
from fleet.ledger.whole import whole


@whole
async def read_dialect(url: str, api: str, organization: int) -> Dialect:
    """Read what is known of an API; `UNKNOWN` where nothing is. A ledger that is not there is not made for it.

    Args:
        url: of the ledger.
        api: its URL.
        organization: its id.

    Raises:
        LedgerError: the ledger cannot be used.
    """
    async with read_only(url) as connection:
        if connection is None:
            return UNKNOWN
        return _dialect_of(await connection.scalar(sa.select(dialects.c.facts).where(*_place(api, organization))))


@whole
async def save_dialect(url: str, api: str, organization: int, dialect: Dialect) -> Dialect:
    """Keep what was learned of an API, beside what other runs have learned in the meantime.

    Args:
        url: of the ledger.
        api: its URL.
        organization: its id.
        dialect: what was known before, and what was learned.

    Returns:
        What is known now.

    Raises:
        LedgerError: the ledger cannot be used.
    """
    place = _place(api, organization)
    async with transaction(url) as connection:
        # A row that is there can be locked, so that of two runs that learn at once none forgets the other's.
        fresh = {"api": api, "organization": organization, "facts": {}, "updated_at": time.time()}
        await insert_missing(connection, dialects, fresh)
        stored = await connection.scalar(sa.select(dialects.c.facts).where(*place).with_for_update())
        known = combined(_dialect_of(stored), dialect)
        values = {"facts": known.model_dump(mode="json"), "updated_at": time.time()}
        await connection.execute(dialects.update().where(*place).values(**values))
    return known


def _place(api: str, organization: int) -> tuple[sa.ColumnElement[bool], ...]:
    return dialects.c.api == api, dialects.c.organization == organization


def _dialect_of(facts: Mapping[str, Any] | None) -> Dialect:
    """The dialect that facts tell. What is not understood is not known: a run can do without, and learns it again."""
    known = dict(facts or {})
    try:
        return Dialect.model_validate(known)
    except ValidationError as error:
        strange = {mistake["loc"][0] for mistake in error.errors()}
        return Dialect.model_validate({name: fact for name, fact in known.items() if name not in strange})
