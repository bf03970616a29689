"""How an automatic plan can drift from the fleet file although no run changes it.

The API lists no plans. A plan is known from what the ledger recorded when it was created (`fleet.plan.unwanted`), and
from the backups it makes: rows of the backup list without a name (`fleet.plan.unrecorded`).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from fleet.inventory.target import Target

CANNOT_TELL: Final = (
    "Neither the API nor the ledger tells: what was changed in the panel but the storage provider, whether a plan was "
    "deleted there, and plans from there with fewer than two backups among the newest hundred."
)


class Kind(StrEnum):
    """How a plan has drifted."""

    DUPLICATE = "duplicate"
    """More than one plan seems to make the same backups."""
    UNRECORDED = "unrecorded"
    """A plan that the ledger does not know seems to make the backups that are wanted."""
    CHANGED = "changed"
    """Its backups are not as it was made."""
    UNWANTED = "unwanted"
    """The ledger knows it, and the fleet file does not want it any more."""
    GONE = "gone"
    """As unwanted, and its application or its server is not there any more."""


@dataclass(frozen=True, slots=True)
class Drift:
    """One plan, or several of one application, that are not as they should be.

    Attributes:
        kind: how.
        target: what the plan is about; of one that is not wanted, as the ledger has it.
        server: the server's name.
        application: the application's name.
        reason: in words a person can act on.
        plan_ids: the plans' ids (`backup_config_id`), as far as they are known.
        key: of the plan in the ledger; empty where it has none.
    """

    kind: Kind
    target: Target
    server: str
    application: str
    reason: str
    plan_ids: tuple[int, ...] = ()
    key: str = ""
