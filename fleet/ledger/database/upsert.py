"""Inserts that tolerate existing rows, in the dialect of the database."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from fleet.ledger.database.engine import by_statement

Columns = sa.ColumnCollection[str, sa.ColumnElement[Any]]
Changes = Callable[[Columns, Columns], Mapping[str, sa.ColumnElement[Any]]]
"""Decides what an existing row becomes, from its columns and those of the new row."""


async def insert_missing(connection: AsyncConnection, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert the rows whose key does not exist yet; existing rows stay unchanged."""
    insert = _insert(connection, table).on_conflict_do_nothing()
    for some in by_statement(rows):
        await connection.execute(insert, some)


async def upsert(connection: AsyncConnection, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, or update those with the same primary key."""
    key = {column.name for column in table.primary_key}
    names = [column.name for column in table.columns if column.name not in key]
    await merge(connection, table, rows, lambda _, new: {name: new[name] for name in names})


async def merge(connection: AsyncConnection, table: sa.Table, rows: Sequence[dict[str, Any]], changes: Changes) -> None:
    """Insert rows, or change those with the same primary key.

    Args:
        connection: in a transaction.
        table: of the rows.
        rows: all with the same columns.
        changes: what an existing row becomes.
    """
    if not rows:
        return
    insert = _insert(connection, table)
    key = [column.name for column in table.primary_key]
    insert_or_update = insert.on_conflict_do_update(
        index_elements=key,
        set_=changes(table.c, insert.excluded),
    )
    for some in by_statement(rows):
        await connection.execute(insert_or_update, some)


def _insert(connection: AsyncConnection, table: sa.Table) -> postgresql.Insert | sqlite.Insert:
    return (postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert)(table)
