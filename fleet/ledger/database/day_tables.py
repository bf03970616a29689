"""The tables behind the status page: how each target stands, and how it stood on each day (`fleet.ledger.days`)."""

import sqlalchemy as sa

from fleet.ledger.database.metadata import metadata

targets = sa.Table(
    "target",
    metadata,
    sa.Column("key", sa.String(16), primary_key=True),
    sa.Column("fleet", sa.Text, nullable=False, index=True),
    sa.Column("organization", sa.BigInteger, nullable=False),
    sa.Column("server_id", sa.BigInteger),
    sa.Column("server", sa.Text, nullable=False),
    sa.Column("application_id", sa.BigInteger),
    sa.Column("application", sa.Text, nullable=False),
    sa.Column("domain", sa.Text, nullable=False),
    sa.Column("database_id", sa.BigInteger),
    sa.Column("database", sa.Text, nullable=False),
    sa.Column("type", sa.String(32), nullable=False),
    sa.Column("automatic", sa.Boolean, nullable=False),
    sa.Column("max_age", sa.Double),
    sa.Column("current", sa.Boolean, nullable=False),
    sa.Column("seen_at", sa.Double, nullable=False),
    sa.Column("outcome", sa.String(16)),
    sa.Column("outcome_at", sa.Double),
    sa.Column("outcome_reason", sa.Text),
    sa.Column("status", sa.String(16)),
    sa.Column("status_at", sa.Double),
    sa.Column("status_reason", sa.Text),
    sa.Column("good_at", sa.Double),
    sa.Column("good_mb", sa.Double),
    sa.Column("succeeded_at", sa.Double, index=True),
)
"""One row per target of a fleet, as the last run and the last audit that covered it left it.

`current` is false once a whole run or audit no longer has it. `type` is empty where nothing wants the application or
database. `succeeded_at` is the end of the last run in which it succeeded. Times are epoch seconds.
"""

target_days = sa.Table(
    "target_day",
    metadata,
    sa.Column("target", sa.String(16), primary_key=True),
    sa.Column("day", sa.Date, primary_key=True, index=True),
    sa.Column("outcome", sa.String(16)),
    sa.Column("outcome_at", sa.Double),
    sa.Column("outcome_reason", sa.Text),
    sa.Column("status", sa.String(16)),
    sa.Column("status_at", sa.Double),
    sa.Column("status_reason", sa.Text),
    sa.Column("good_at", sa.Double),
    sa.Column("good_mb", sa.Double),
)
"""One row per target and day in UTC: the best outcome of the day's runs, and what its last audit found."""
