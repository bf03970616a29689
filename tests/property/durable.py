"""What is left of a run that was killed: only what the ledger was told."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fleet.dialect.dialect import UNKNOWN, Dialect
from fleet.ledger.entry import Entry


class CrashError(Exception):
    """The run is killed: nothing of it is left but what the ledger has."""


@dataclass
class Ledger:
    """What is durable.

    Attributes:
        entries: by key.
        claims: whose rows are.
        dialect: of the API, as the runs have learned it.
        told: everything that was ever reported of a key.
    """

    entries: dict[str, Entry] = field(default_factory=dict)
    claims: dict[int, str] = field(default_factory=dict)
    dialect: Dialect = UNKNOWN
    told: dict[str, str] = field(default_factory=dict)

    async def claim(self, organization: int, wanted: Mapping[int, str]) -> dict[int, str]:  # noqa: ARG002 - as `Claims`
        """As `fleet.ledger.learned.backup_claims`."""
        return {row: self.claims.setdefault(row, key) for row, key in wanted.items()}
