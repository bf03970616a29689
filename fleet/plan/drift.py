"""How an automatic plan can drift from the fleet file although no run changes it.

The API lists no plans. A plan is known from what the ledger recorded when it was created (`fleet.plan.unwanted`), and
from the backups it makes: rows of the backup list without a name (`fleet.plan.unrecorded`).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from fleet.inventory.target import Target

CANNOT_TELL: Final = (
    "Cannot be detected: changes made in the panel except to the storage provider, plans deleted there, and plans "
    "created there with fewer than two of the newest hundred backups."
)


class Kind(StrEnum):
    """How a plan has drifted."""

    DUPLICATE = "duplicate"
    """Several plans seem to make the same backups."""
    UNRECORDED = "unrecorded"
    """A plan unknown to the ledger seems to make the wanted backups."""
    CHANGED = "changed"
    """Its backups differ from the plan that was created."""
    UNWANTED = "unwanted"
    """The ledger knows it, but the fleet file no longer wants it."""
    GONE = "gone"
    """As unwanted, and its application or server no longer exists."""


@dataclass(frozen=True, slots=True)
class Drift:
    """One plan, or several of one application, that have drifted.

    Attributes:
        kind: how.
        target: what the plan backs up; of an unwanted one, as the ledger has it.
        server: the server's name.
        application: the application's name.
        reason: so that a person can act on it.
        plan_ids: the plans' ids (`backup_config_id`), as far as known.
        key: of the plan in the ledger; empty if it has none.
    """

    kind: Kind
    target: Target
    server: str
    application: str
    reason: str
    plan_ids: tuple[int, ...] = ()
    key: str = ""
