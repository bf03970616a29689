"""The longer queries, each over an index."""

from dataclasses import dataclass

from sandbox.answers.pages import PageOf
from sandbox.dialects.dialect import Order
from sandbox.world.state import Row, State

BACKUP_ROWS = """
SELECT backups.*, configurations.name AS configuration_name, configurations.automatic,
    configurations.made_by,
    applications.name AS application_name, applications.path AS application_source,
    databases.name AS database_name, databases.path AS database_source, providers.provider,
    servers.name AS server_name
FROM backups
JOIN configurations ON configurations.id = backups.configuration_id
JOIN applications ON applications.id = backups.application_id
JOIN servers ON servers.id = backups.server_id
JOIN providers ON providers.id = backups.provider_id
LEFT JOIN databases ON databases.id = backups.database_id
"""
DATABASE_ROWS = """
SELECT databases.*, servers.name AS server_name, servers.connected,
    EXISTS (
        SELECT 1 FROM configurations
        WHERE automatic = 1 AND configurations.server_id = databases.server_id
            AND json_extract(request, '$.database_id') = databases.id
    ) AS planned
FROM databases JOIN servers ON servers.id = databases.server_id
"""
# Knuth's multiplicative hash: an order that looks random and stays the same from page to page.
_ORDERS: dict[Order, str] = {
    "newest": "id DESC",
    "oldest": "id",
    "shuffled": "(id * 2654435761) % 4294967296",
}


@dataclass(frozen=True)
class Shown:
    """Which backups a list shows, and in which order.

    Attributes:
        order: the order.
        until: only backups created up to this time, in seconds since the epoch; None for all.
        alive_at: only backups that have not expired at this time, likewise.
        deleted: whether deleted ones show, too.
    """

    order: Order
    until: float | None = None
    alive_at: float | None = None
    deleted: bool = False

    def condition(self) -> tuple[str, tuple[float, ...]]:
        """The end of an SQL condition on backups, and its values."""
        words, values = "" if self.deleted else " AND deleted_at IS NULL", []
        if self.until is not None:
            words += " AND created_at <= ?"
            values.append(self.until)
        if self.alive_at is not None:
            words += " AND coalesce(expires_at > ?, 1)"
            values.append(self.alive_at)
        return words, tuple(values)


def backup_page(state: State, organization_id: int, page: PageOf, shown: Shown) -> tuple[list[Row], int]:
    """One page of an organization's backups, and their total number."""
    condition, values = shown.condition()
    listed = f"FROM backups WHERE organization_id = ?{condition}"
    total = state.number(f"SELECT count(*) {listed}", organization_id, *values)
    # The ids come from a covering index; only the rows of this page are read.
    ids = state.rows(
        f"SELECT id {listed} ORDER BY {_ORDERS[shown.order]} LIMIT ? OFFSET ?",
        organization_id,
        *values,
        page.size,
        page.offset,
    )
    places = ", ".join("?" * len(ids))
    found = state.rows(f"{BACKUP_ROWS} WHERE backups.id IN ({places})", *(row["id"] for row in ids))
    by_id = {row["id"]: row for row in found}
    return [by_id[row["id"]] for row in ids], total


def every_backup(state: State) -> list[Row]:
    """All backups, including deleted ones, in order of creation."""
    return state.rows(f"{BACKUP_ROWS} ORDER BY backups.id")


def backup_of(state: State, organization_id: int, backup_id: int) -> Row | None:
    """One backup that is not deleted."""
    return state.row(
        f"{BACKUP_ROWS} WHERE backups.id = ? AND backups.organization_id = ? AND deleted_at IS NULL",
        backup_id,
        organization_id,
    )


def database_page(state: State, owner: str, owner_id: int, search: str, page: PageOf) -> tuple[list[Row], int]:
    """One page of an owner's databases whose name contains `search`, and their total number.

    Args:
        state: the sandbox's state.
        owner: `server_id` or `organization_id`.
        owner_id: its id.
        search: part of a name; empty for all.
        page: which page.
    """
    where = f"WHERE databases.{owner} = ? AND instr(lower(databases.name), lower(?)) > 0"
    total = state.number(f"SELECT count(*) FROM databases {where}", owner_id, search)  # noqa: S608 - constants
    rows = state.rows(
        f"{DATABASE_ROWS} {where} ORDER BY databases.id LIMIT ? OFFSET ?",
        owner_id,
        search,
        page.size,
        page.offset,
    )
    return rows, total


def row_page(state: State, table: str, owner: str, owner_id: int, page: PageOf) -> tuple[list[Row], int]:
    """One page of the rows of a table that belong to `owner_id`, by id, and their total number."""
    total = state.number(f"SELECT count(*) FROM {table} WHERE {owner} = ?", owner_id)  # noqa: S608 - constants
    rows = state.rows(
        f"SELECT * FROM {table} WHERE {owner} = ? ORDER BY id LIMIT ? OFFSET ?",  # noqa: S608 - constants
        owner_id,
        page.size,
        page.offset,
    )
    return rows, total
