"""Whether a row of the backup list can be what was requested: of the same thing, storage, parts and time. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from fleet.inventory.request import BackupRequest
from fleet.proof.parts import parts_of, wanted_parts
from fleet.proof.sought import Sought
from fleet.proof.status_words import StatusMeaning, meaning_of
from fleet.serveravatar.models import Backup

CLOCK_TOLERANCE: Final = timedelta(minutes=2)
"""How long before its create was sent a row may be dated: clocks differ, and timestamps are cut to seconds."""
CHANGE_OF_CLOCKS: Final = timedelta(hours=1)
"""How far off a time zone may be that was learned on another day."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """What is known of the list that makes matching without a name sound.

    Attributes:
        names_shown: whether the list shows the name of every instant backup, so one without our key is not ours.
        known_plans: the ids of plans that the ledger knows: their rows are theirs.
        offset: how far timestamps are from UTC; None: unknown, so ids alone decide what is newer.
        tolerance: how much older than its create a row may be dated.
    """

    names_shown: bool = False
    known_plans: frozenset[int] = frozenset()
    offset: timedelta | None = None
    tolerance: timedelta = CLOCK_TOLERANCE + CHANGE_OF_CLOCKS

    def is_dated_before(self, backup: Backup, sent_at: float | None) -> bool:
        """Whether a row is certainly older than what was sent at that time (epoch seconds)."""
        if backup.created_at is None or self.offset is None or sent_at is None:
            return False
        return backup.created_at - self.offset < datetime.fromtimestamp(sent_at, UTC) - self.tolerance


NO_GROUNDS: Final = Grounds()
"""Nothing is known."""


def mismatch(backup: Backup, request: BackupRequest) -> str:
    """How a backup differs from what was requested; empty if it may be it.

    What a row does not show is not held against it.
    """
    if backup.cloud_storage_provider_id not in (None, request.cloud_storage_provider_id):
        where, wanted = backup.cloud_storage_provider_id, request.cloud_storage_provider_id
        return f"backup {backup.id} is in storage provider {where}, not {wanted}"
    if request.type != "database" and backup.application_id not in (None, request.application_id):
        return f"backup {backup.id} is of application {backup.application_id}, not {request.application_id}"
    of_another = backup.database_id is not None and request.database_id not in (None, backup.database_id)
    if request.wants_database and of_another:
        return f"backup {backup.id} is of database {backup.database_id}, not {request.database_id}"
    return ""


def matches(backup: Backup, sought: Sought) -> bool:
    """Whether a row is of the same thing, in the same storage, with the same parts.

    What a row does not show is not held against it, except its application or database.
    """
    target, request = sought.target, sought.target.request
    if backup.organization_id not in (None, target.organization) or backup.server_id not in (None, target.server_id):
        return False
    if backup.deleted_at is not None or mismatch(backup, request):
        return False
    of_application = backup.application_id == request.application_id
    of_database = backup.database_id is not None and backup.database_id == request.database_id
    if not of_application and not (request.type == "database" and backup.application_id is None and of_database):
        return False
    return _has_same_parts(backup, request)


def _has_same_parts(backup: Backup, request: BackupRequest) -> bool:
    parts, wanted = parts_of(backup), wanted_parts(request)
    if parts is None or parts == wanted:
        return True
    has_more = parts.application > wanted.application or parts.database > wanted.database
    shows_extension = bool(backup.application_extension or backup.database_extension)
    # While it runs, a part may just have no size yet.
    return not (has_more or shows_extension) and meaning_of(backup.status) is not StatusMeaning.DONE
