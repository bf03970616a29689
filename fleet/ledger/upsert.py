"""Rows that may be there already: inserted when they are missing, or put in the place of what is there."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


async def upsert(
    connection: AsyncConnection, table: sa.Table, key: Sequence[str], rows: Sequence[dict[str, Any]]
) -> None:
    """Write rows, each in the place of the one that has its key."""
    if not rows:
        return
    insert = _insert(connection, table)
    changes = {column.name: insert.excluded[column.name] for column in table.columns if column.name not in key}
    await connection.execute(insert.on_conflict_do_update(index_elements=list(key), set_=changes), rows)


async def insert_missing(connection: AsyncConnection, table: sa.Table, row: dict[str, Any]) -> None:
    """Write a row unless one with its key is there, which then stays as it is."""
    await connection.execute(_insert(connection, table).values(**row).on_conflict_do_nothing())


def _insert(connection: AsyncConnection, table: sa.Table) -> postgresql.Insert | sqlite.Insert:
    return (postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert)(table)
