"""Inserts that tolerate existing rows, in the dialect of the database."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from fleet.ledger.database.engine import by_statement


async def insert_missing(connection: AsyncConnection, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert the rows whose key does not exist yet; existing rows stay unchanged."""
    insert = _insert(connection, table).on_conflict_do_nothing()
    for some in by_statement(rows):
        await connection.execute(insert, some)


async def upsert(connection: AsyncConnection, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, or update those with the same primary key."""
    if not rows:
        return
    insert = _insert(connection, table)
    key = [column.name for column in table.primary_key]
    changes = {column.name: insert.excluded[column.name] for column in table.columns if column.name not in key}
    insert_or_update = insert.on_conflict_do_update(index_elements=key, set_=changes)
    for some in by_statement(rows):
        await connection.execute(insert_or_update, some)


def _insert(connection: AsyncConnection, table: sa.Table) -> postgresql.Insert | sqlite.Insert:
    return (postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert)(table)
