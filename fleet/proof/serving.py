"""What a row of the list of backups is to a target: its backup, one without a part, one that lies elsewhere. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from fleet.inventory.request import BackupRequest, BackupType
from fleet.proof.verification import DOCUMENTED, Completion, Judging, Proof, judge_contents
from fleet.serveravatar.models import Backup


@dataclass(frozen=True, slots=True)
class Parts:
    """Which parts a backup holds, or was to hold."""

    application: bool
    database: bool


def parts_of(backup: Backup) -> Parts | None:
    """Read off a row which parts it is of, also where it failed; None where the row does not tell."""
    application = bool(backup.application_extension) or (backup.application_size or 0) > 0
    database = bool(backup.database_extension) or (backup.database_size or 0) > 0
    return Parts(application, database) if application or database else None


class Match(Enum):
    """What a row is to a target."""

    ITS_OWN = auto()
    """It is of what was asked for, with all parts, in the same storage."""
    INCOMPLETE = auto()
    """As its own, and it names the database that was asked for, but nothing of it is there."""
    OTHER_PARTS = auto()
    """It is of the same application, and was not to hold all that was asked for."""
    ELSEWHERE = auto()
    """It has the parts, but lies in another storage, or holds another database of the same application."""
    NOTHING = auto()
    """It is of something else."""


def match(backup: Backup, request: BackupRequest) -> Match:
    """Tell what a row is to a request.

    A row that does not tell its parts, its storage or its database may be what was asked for: it counts, and is judged.
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


def missing_part(backup: Backup, request: BackupRequest) -> str:
    """Name the part that a request asks for and a row is not of; empty where there is none, or the row tells none."""
    parts = parts_of(backup)
    if parts and request.wants_application and not parts.application:
        return "application"
    return "database" if parts and request.wants_database and not parts.database else ""


def elsewhere_in_words(backup: Backup, request: BackupRequest) -> str:
    """Say where a backup lies, or what it holds, in place of what was asked for."""
    storage = backup.cloud_storage_provider_id
    if storage not in (None, request.cloud_storage_provider_id):
        return f"lies in storage provider {storage}, not {request.cloud_storage_provider_id}"
    return f"holds database {backup.database_id}, not {request.database_id}"


def size_of(backup: Backup, request: BackupRequest) -> float:
    """MB in the archive of the parts that a request asks for."""
    application = backup.application_size if request.wants_application else None
    database = backup.database_size if request.wants_database else None
    return (application or 0.0) + (database or 0.0)


def proof_of(
    backup: Backup, request: BackupRequest, judging: Judging = DOCUMENTED, *, seen_before: bool = False
) -> Proof:
    """Judge a row as a backup of what was asked for, wherever it lies: the one place where an audit does.

    Args:
        backup: the row.
        request: what was asked for.
        judging: what its API shows.
        seen_before: whether an earlier audit has seen it as it is now.
    """
    part, parts = missing_part(backup, request), parts_of(backup)
    if not part or not parts:
        return judge_contents(backup, request, judging, seen_before=seen_before)
    proof = judge_contents(backup, _REQUESTS[parts], judging, seen_before=seen_before)
    return Proof(Completion.BAD, f"it holds no {part}", backup.id) if proof.completion is Completion.COMPLETE else proof


def is_whole(backup: Backup, judging: Judging = DOCUMENTED) -> bool:
    """Whether every part that a row tells of is complete, or needs another look alone, whatever a target asks for."""
    parts = parts_of(backup)
    if parts is None:
        return False
    proof = judge_contents(backup, _REQUESTS[parts], judging)
    return proof.completion is Completion.COMPLETE or proof.needs_another_look


def is_unfinished(backup: Backup) -> bool:
    """Whether a row may still change by itself."""
    parts = parts_of(backup) or Parts(application=True, database=True)
    return judge_contents(backup, _REQUESTS[parts]).completion is Completion.PENDING


def _request_for(kind: BackupType) -> BackupRequest:
    """A request for certain parts, whosever they are."""
    return BackupRequest(
        provider="wasabi",
        cloud_storage_provider_id=1,
        automatic_backup=False,
        type=kind,
        application_id=1,
        database_id=1,
        application_extension=".tar",
        database_extension=".sql",
    )


_REQUESTS: Final[Mapping[Parts, BackupRequest]] = {
    Parts(application=True, database=True): _request_for("application"),
    Parts(application=True, database=False): _request_for("filesystem"),
    Parts(application=False, database=True): _request_for("database"),
}
