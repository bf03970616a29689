"""What is looked for in the list of backups, and how it is recognised there.

An instant backup carries its key in its name. A plan's backup has no name: it is one of its application, made by
a plan that is newer than any that the list showed before.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from fleet.serveravatar.models import Backup
from fleet.target import Target, key_in


@dataclass(frozen=True, slots=True)
class Mark:
    """What the list held before something was sent; ids grow, so what came later has higher ones.

    Attributes:
        backup: the highest id of a backup; 0 when nothing is known.
        plan: the highest `backup_config_id`.
    """

    backup: int = 0
    plan: int = 0


NOTHING_KNOWN: Final = Mark(0, 2**63 - 1)
"""The list could not be read: an instant backup is known by its name, but no plan can be told from an older one."""


def mark_of(backups: Iterable[Backup]) -> Mark:
    """Mark where a list ends now, from its newest rows."""
    rows = list(backups)
    newest = max((row.id for row in rows), default=0)
    return Mark(newest, max((row.backup_config_id or 0 for row in rows), default=0))


@dataclass(frozen=True, slots=True)
class Sought:
    """One backup that is looked for.

    Attributes:
        key: the target's key.
        target: what was asked for.
        since: where the list ended before it was sent.
    """

    key: str
    target: Target
    since: Mark = NOTHING_KNOWN

    def is_first_of_its_plan(self, backup: Backup) -> bool:
        """Whether a row is a backup of the plan that was asked for, and not of an older one."""
        wanted = self.target.request
        return (
            backup.name is None
            and backup.application_id == wanted.application_id
            and (backup.database_id is None or wanted.database_id is None or backup.database_id == wanted.database_id)
            and backup.cloud_storage_provider_id in (None, wanted.cloud_storage_provider_id)
            and backup.id > self.since.backup
            and (backup.backup_config_id or 0) > self.since.plan
        )


class Recognition:
    """Recognises what is sought among the rows of the list, row by row."""

    def __init__(self, sought: Collection[Sought]) -> None:
        self._found: dict[str, tuple[Backup, ...]] = {}
        self._instant: dict[str, Sought] = {}
        self._plans: defaultdict[int, list[Sought]] = defaultdict(list)
        self._old_plans: set[int | None] = set()
        self.add(sought)

    def add(self, sought: Collection[Sought]) -> None:
        """Recognise these, too."""
        for each in sought:
            if each.target.request.automatic_backup:
                self._plans[each.target.request.application_id].append(each)
            else:
                self._instant[each.key] = each

    @property
    def found(self) -> dict[str, list[Backup]]:
        """The rows that were recognised, by key; without those of plans that turned out to be old."""
        return {key: rows for key in self._found if (rows := self.rows_of(key))}

    def rows_of(self, key: str) -> list[Backup]:
        """The rows that were recognised as one key's, each as it was seen last."""
        rows = list(self._found.get(key, ()))
        return rows if key in self._instant else [row for row in rows if row.backup_config_id not in self._old_plans]

    @property
    def has_plans(self) -> bool:
        """Whether a plan was recognised: only the rest of the list can tell that it is no old one."""
        return any(key not in self._instant for key in self.found)

    def take(self, backup: Backup) -> list[str]:
        """Look at one row, or again at one that may have gone on; return the keys that it is recognised as."""
        keys = []
        instant = self._instant.get(key_in(backup.name) or "")
        if instant and backup.id > instant.since.backup:
            keys.append(instant.key)
        if backup.name is None and backup.application_id is not None:
            for each in self._plans.get(backup.application_id, ()):
                if each.is_first_of_its_plan(backup):
                    keys.append(each.key)
                elif backup.id <= each.since.backup:
                    self._old_plans.add(backup.backup_config_id)
        for key in keys:
            self._found[key] = _with(backup, self._found.get(key, ()))
        return keys


def _with(backup: Backup, rows: tuple[Backup, ...]) -> tuple[Backup, ...]:
    """The rows with one as it was seen last. A tuple: nearly always it is the only one, of every target of a fleet."""
    if all(row.id != backup.id for row in rows):
        return (*rows, backup)
    return tuple(backup if row.id == backup.id else row for row in rows)
