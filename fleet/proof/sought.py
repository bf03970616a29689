"""What is looked for in the backup list, and where the list ended before it was sent."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from fleet.inventory.target import Target
from fleet.serveravatar.models import Backup


@dataclass(frozen=True, slots=True)
class Mark:
    """Where the list ended before something was sent; ids grow, so what came later has higher ones.

    Attributes:
        backup: the highest id of a backup; 0 if unknown.
        plan: the highest `backup_config_id`.
        exact: whether the list has certainly shown its highest id, whatever its order: only then is a row with a higher
            one known to be newer.
    """

    backup: int = 0
    plan: int = 0
    exact: bool = False


NOTHING_KNOWN: Final = Mark(0, 2**63 - 1)
"""The list could not be read: an instant backup is known by its name, but no plan can be told from an older one."""


def mark_of(backups: Iterable[Backup], *, exact: bool = False) -> Mark:
    """Mark where a list ends now, from its newest rows."""
    rows = list(backups)
    newest = max((row.id for row in rows), default=0)
    return Mark(newest, max((row.backup_config_id or 0 for row in rows), default=0), exact)


@dataclass(frozen=True, slots=True)
class Sought:
    """One backup that is looked for.

    Attributes:
        key: the target's key.
        target: what was requested.
        since: where the list ended before it was sent.
        sent_at: when it was last sent; epoch seconds of the ledger's clock, None if never.
        accepted: whether the API has accepted it; otherwise it is in doubt.
        attempts: how often it was sent.
    """

    key: str
    target: Target
    since: Mark = NOTHING_KNOWN
    sent_at: float | None = None
    accepted: bool = True
    attempts: int = 1
