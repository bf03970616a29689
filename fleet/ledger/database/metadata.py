"""The collection of the ledger's tables, which SQLAlchemy creates in a new ledger."""

import sqlalchemy as sa

metadata = sa.MetaData()
