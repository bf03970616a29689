"""What a row of the backup list is to a target: its backup, one without a part, one that lies elsewhere. Pure."""

from enum import Enum, auto

from fleet.inventory.request import BackupRequest
from fleet.proof.parts import missing_part
from fleet.serveravatar.models import Backup


class Match(Enum):
    """What a row is to a target."""

    ITS_OWN = auto()
    """It is of what was requested, with all parts, in the same storage."""
    INCOMPLETE = auto()
    """Like its own, and it names the requested database, but holds nothing of it."""
    OTHER_PARTS = auto()
    """It is of the same application, and was not meant to hold all that was requested."""
    ELSEWHERE = auto()
    """It has the parts, but is in another storage, or holds another database of the same application."""
    NOTHING = auto()
    """It is of something else."""


def match(backup: Backup, request: BackupRequest) -> Match:
    """Decide what a row is to a request.

    A row that does not show its parts, storage or database may be what was requested: it counts, and is judged.
    """
    is_same_application = backup.application_id == request.application_id
    is_same_storage = backup.cloud_storage_provider_id in (None, request.cloud_storage_provider_id)
    is_named = None not in (backup.database_id, request.database_id)
    is_same_database = not request.wants_database or not is_named or backup.database_id == request.database_id
    if not is_same_application and not (request.type == "database" and is_named and is_same_database):
        return Match.NOTHING
    if part := missing_part(backup, request):
        if not is_same_storage:
            return Match.NOTHING
        return Match.INCOMPLETE if part == "database" and is_named and is_same_database else Match.OTHER_PARTS
    return Match.ITS_OWN if is_same_storage and is_same_database else Match.ELSEWHERE


def elsewhere_in_words(backup: Backup, request: BackupRequest) -> str:
    """Say where a backup is, or what it holds, instead of what was requested."""
    storage = backup.cloud_storage_provider_id
    if storage not in (None, request.cloud_storage_provider_id):
        return f"is in storage provider {storage}, not {request.cloud_storage_provider_id}"
    return f"holds database {backup.database_id}, not {request.database_id}"
