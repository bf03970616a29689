"""The ledger's tables, and the steps that bring an older ledger up to date.

A numbered list of steps instead of Alembic: the schema is a few small tables, opened by a nightly run, and a step is a
handful of statements in one transaction (docs/decisions/0008-the-ledger.md).
"""

from collections.abc import Callable, Mapping
from typing import Final

import sqlalchemy as sa

from fleet.ledger.database.day_tables import target_days, targets
from fleet.ledger.database.metadata import metadata

schema_version = sa.Table("schema_version", metadata, sa.Column("version", sa.Integer, nullable=False))

owners = sa.Table(
    "owner",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("lease_until", sa.Double, nullable=False),
    sa.Column("space", sa.Text, nullable=False),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("flow_run", sa.String(36), nullable=False, server_default="", index=True),
    sa.Column("run_key", sa.Text, nullable=False, server_default=""),
)
"""The runs that own entries. A dead one stops renewing its lease, which frees its entries.

`space` names the machine, its boot and the process namespace of the process id (`fleet.ledger.owner_process`). The row
of a run that ended itself is deleted; one that stays shows that its process died (`fleet.ledger.life`).
"""

entries = sa.Table(
    "entry",
    metadata,
    sa.Column("key", sa.String(16), primary_key=True),
    sa.Column("run_key", sa.Text, nullable=False, index=True),
    sa.Column("owner", sa.String(36), nullable=False),
    sa.Column("organization", sa.BigInteger, nullable=False),
    sa.Column("server_id", sa.BigInteger, nullable=False),
    sa.Column("server", sa.Text, nullable=False),
    sa.Column("application_id", sa.BigInteger, nullable=False, index=True),
    sa.Column("application", sa.Text, nullable=False),
    sa.Column("automatic", sa.Boolean, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("doubtful", sa.Boolean, nullable=False),
    sa.Column("sent_at", sa.Double),
    sa.Column("backup_before", sa.BigInteger, nullable=False),
    sa.Column("plan_before", sa.BigInteger, nullable=False),
    sa.Column("outcome", sa.String(16), index=True),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("backup_id", sa.BigInteger),
    sa.Column("plan_id", sa.BigInteger),
    sa.Column("request", sa.JSON, nullable=False),
    sa.Column("looked", sa.Integer, nullable=False),
    sa.Column("broken", sa.Boolean, nullable=False),
    sa.Column("mark_exact", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("evidence", sa.String(16)),
    sa.Column("created_at", sa.Double, nullable=False),
    sa.Column("updated_at", sa.Double, nullable=False, index=True),
)
"""One row per target and run key (a plan has one row in all). Times are epoch seconds."""

runs = sa.Table(
    "run",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("run_key", sa.Text, nullable=False, index=True),
    sa.Column("fleet", sa.Text, nullable=False),
    sa.Column("ended_at", sa.Double, nullable=False),
    sa.Column("report", sa.JSON, nullable=False),
    sa.Column("noted", sa.Boolean, nullable=False, server_default=sa.false()),
)
"""The report of each finished run, without its targets; those from before version 4 include them.

`noted` shows that its targets are in the rows of their days (`fleet.ledger.days`): only then may it be removed.
"""

report_parts = sa.Table(
    "report_part",
    metadata,
    sa.Column("run_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("start", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("targets", sa.JSON, nullable=False),
)
"""The targets of a report, several per row, from index `start` on (`fleet.ledger.reports`)."""

budgets = sa.Table(
    "budget",
    metadata,
    sa.Column("account", sa.String(32), primary_key=True),
    sa.Column("pace", sa.Text, nullable=False),
)
"""What all processes of an account know of its budget (`rate_limit.pace`), under a digest of the account."""

seen_lists = sa.Table(
    "seen_list",
    metadata,
    sa.Column("api", sa.Text, primary_key=True),
    sa.Column("organization", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("floor", sa.BigInteger, nullable=False),
    sa.Column("oldest", sa.Double),
    sa.Column("read_at", sa.Double, nullable=False),
    sa.Column("since", sa.Double, nullable=False),
)
"""How far audits have read an organization's backup list (`fleet.backup_list.sightings`); times in epoch seconds."""

seen_backups = sa.Table(
    "seen_backup",
    metadata,
    sa.Column("api", sa.Text, primary_key=True),
    sa.Column("organization", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("row", sa.JSON, nullable=False),
)
"""What audits have seen in that list: of each row every field that this program reads, by the API's names."""


claims = sa.Table(
    "claim",
    metadata,
    sa.Column("api", sa.Text, primary_key=True),
    sa.Column("organization", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("backup_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("key", sa.String(16), nullable=False),
    sa.Column("claimed_at", sa.Double, nullable=False),
)
"""Which key a row of the backup list without a name belongs to (`fleet.ledger.learned.backup_claims`)."""

dialects = sa.Table(
    "dialect",
    metadata,
    sa.Column("api", sa.Text, primary_key=True),
    sa.Column("organization", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("facts", sa.JSON, nullable=False),
    sa.Column("updated_at", sa.Double, nullable=False),
)
"""How an API was seen to behave where its documentation says nothing (`fleet.dialect`)."""

last_goods = sa.Table(
    "last_good",
    metadata,
    sa.Column("api", sa.Text, primary_key=True),
    sa.Column("key", sa.String(16), primary_key=True),
    sa.Column("request", sa.String(16), nullable=False),
    sa.Column("checked_at", sa.Double, nullable=False),
    sa.Column("size_mb", sa.Double, nullable=False),
    sa.Column("application", sa.Text, nullable=False),
    sa.Column("domain", sa.Text, nullable=False),
    sa.Column("seconds", sa.Double, nullable=False),
)
"""What is known of each target since its last good backup (`fleet.observed.trust`), by its key without a run."""


def _create(connection: sa.Connection) -> None:
    metadata.create_all(connection)


def _add_budgets(connection: sa.Connection) -> None:
    budgets.create(connection, checkfirst=True)


def _add_sightings(connection: sa.Connection) -> None:
    metadata.create_all(connection, [seen_lists, seen_backups])


def _add_report_parts(connection: sa.Connection) -> None:
    report_parts.create(connection, checkfirst=True)


def _add_first_contact(connection: sa.Connection) -> None:
    metadata.create_all(connection, [claims, dialects])
    _add_columns(connection, entries, {"mark_exact": "NOT NULL DEFAULT FALSE", "evidence": ""})


def _add_columns(connection: sa.Connection, table: sa.Table, columns: Mapping[str, str]) -> None:
    """Add columns with their constraints, unless the ledger is new and has them."""
    known = {column["name"] for column in sa.inspect(connection).get_columns(table.name)}
    for name, constraint in columns.items():
        if name not in known:
            kind = table.c[name].type.compile(connection.dialect)
            connection.execute(sa.text(f"ALTER TABLE {table.name} ADD COLUMN {name} {kind} {constraint}"))


def _renew_sightings(connection: sa.Connection) -> None:
    """Forget what audits have seen: the next one reads everything."""
    metadata.drop_all(connection, [seen_lists, seen_backups])
    metadata.create_all(connection, [seen_lists, seen_backups])


def _add_flow_runs(connection: sa.Connection) -> None:
    _add_columns(connection, owners, dict.fromkeys(("flow_run", "run_key"), "NOT NULL DEFAULT ''"))
    for index in owners.indexes:
        index.create(connection, checkfirst=True)


def _add_last_goods(connection: sa.Connection) -> None:
    last_goods.create(connection, checkfirst=True)


def _add_days(connection: sa.Connection) -> None:
    metadata.create_all(connection, [targets, target_days])
    _add_columns(connection, runs, {"noted": "NOT NULL DEFAULT FALSE"})
    for index in entries.indexes:
        index.create(connection, checkfirst=True)


STEPS: Final[tuple[Callable[[sa.Connection], None], ...]] = (
    _create,
    _add_budgets,
    _add_sightings,
    _add_report_parts,
    _add_first_contact,
    _renew_sightings,
    _add_flow_runs,
    _add_last_goods,
    _add_days,
)
"""Step n brings a ledger of version n to n + 1. Steps are added, never changed."""


class NewerLedgerError(ValueError):
    """The ledger was created by a newer version of this program; one of `fleet.ledger.database.engine.UNUSABLE`."""


def migrate(connection: sa.Connection) -> None:
    """Bring a ledger to the newest version, within the transaction of the connection.

    Raises:
        NewerLedgerError: this program does not know its version.
    """
    if connection.dialect.name == "postgresql":
        # Otherwise two first runs at once would both create the tables.
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(718281828)"))
    known = sa.inspect(connection).has_table(schema_version.name)
    version: int = (connection.scalar(sa.select(schema_version.c.version)) or 0) if known else 0
    if version > len(STEPS):
        raise NewerLedgerError(
            f"it has version {version}, but this fleet-backup only knows versions up to {len(STEPS)}"
        )
    for step in STEPS[version:]:
        step(connection)
    if version < len(STEPS):
        connection.execute(schema_version.delete())
        connection.execute(schema_version.insert().values(version=len(STEPS)))
