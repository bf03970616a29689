"""The evidence for one target: which rows of the list of backups are its backups, and whether more could change it.

A backup of an automatic plan and an instant one serve a target alike, if they hold the parts that it asks for.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from fleet.request import BackupRequest, BackupType
from fleet.serveravatar.models import Backup
from fleet.target import Target
from fleet.verification import Completion, judge

COMPARED: Final = 5
"""The newest good backup is compared with the median of so many good ones before it."""
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


def age_order(backup: Backup) -> tuple[datetime, int]:
    """Sorts backups by age; one whose time is not told counts as old."""
    return backup.created_at or _LONG_AGO, backup.id


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


def serves(backup: Backup, request: BackupRequest) -> bool:
    """Whether a row is a backup of what a request asks for: of the same thing, in the same storage, with its parts.

    A row that does not tell its parts, its storage or its database may be one: it counts, and is judged.
    """
    if backup.cloud_storage_provider_id not in (None, request.cloud_storage_provider_id):
        return False
    databases = (backup.database_id, request.database_id)
    if request.wants_database and None not in databases and backup.database_id != request.database_id:
        return False
    if (request.type != "database" or None in databases) and backup.application_id != request.application_id:
        return False
    parts = parts_of(backup)
    return parts is None or (
        parts.application >= request.wants_application and parts.database >= request.wants_database
    )


def size_of(backup: Backup, request: BackupRequest) -> float:
    """MB in the archive of the parts that a request asks for."""
    application = backup.application_size if request.wants_application else None
    database = backup.database_size if request.wants_database else None
    return (application or 0.0) + (database or 0.0)


class Evidence:
    """The backups of one target, as far as the list was read from its newest end on."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self._rows: dict[int, Backup] = {}
        self._good: list[Backup] = []

    def take(self, backup: Backup) -> None:
        """Take a row into account if it is a backup of the target."""
        request = self.target.request
        if backup.id not in self._rows and serves(backup, request):
            self._rows[backup.id] = backup
            if judge(backup, request).completion is Completion.COMPLETE:
                self._good.append(backup)

    @property
    def newest_first(self) -> list[Backup]:
        """Its backups, the newest first."""
        return sorted(self._rows.values(), key=age_order, reverse=True)

    @property
    def good(self) -> list[Backup]:
        """Those that are complete, the newest first."""
        return sorted(self._good, key=age_order, reverse=True)

    def is_settled(self, read_back_to: datetime | None) -> bool:
        """Whether older rows of the list could change nothing; they come after all newer ones.

        For a comparison of sizes no older backups count than so many of the target's ages before the newest good one.

        Args:
            read_back_to: the time of the oldest row that was read; None where rows do not tell.
        """
        if not self._good:
            return False
        if self.target.expectation.max_shrink is None or len(self._good) > COMPARED:
            return True
        newest = max(self._good, key=age_order).created_at
        if newest is None or read_back_to is None:
            return False
        longest = self.target.expectation.longest_age(self.target.request)
        return newest - read_back_to > COMPARED * longest


class EvidenceBook:
    """The evidence for all targets of an organization, found by what a row is of."""

    def __init__(self, targets: Iterable[Target]) -> None:
        self.of: dict[str, Evidence] = {target.place: Evidence(target) for target in targets}
        self._by_application: dict[int, list[Evidence]] = {}
        self._by_database: dict[int, list[Evidence]] = {}
        for evidence in self.of.values():
            request = evidence.target.request
            self._by_application.setdefault(request.application_id, []).append(evidence)
            if request.type == "database" and request.database_id is not None:
                self._by_database.setdefault(request.database_id, []).append(evidence)
        self._open = list(self.of.values())

    def take(self, backups: Iterable[Backup]) -> None:
        """Take rows of the list into account; one that was taken before counts as it was seen first."""
        for backup in backups:
            for evidence in self._by_application.get(backup.application_id or 0, ()):
                evidence.take(backup)
            for evidence in self._by_database.get(backup.database_id or 0, ()):
                evidence.take(backup)

    def is_settled(self, read_back_to: datetime | None) -> bool:
        """Whether older rows of the list could change nothing for any target."""
        self._open = [evidence for evidence in self._open if not evidence.is_settled(read_back_to)]
        return not self._open


def group_of(backup: Backup) -> tuple[object, ...]:
    """What a row is of: those of one group serve the same targets."""
    storage = backup.cloud_storage_provider_id
    return backup.application_id, backup.database_id, storage, parts_of(backup)


def is_whole(backup: Backup) -> bool:
    """Whether every part that a row tells of is complete, whatever a target asks for."""
    parts = parts_of(backup)
    return parts is not None and _completion(backup, parts) is Completion.COMPLETE


def is_unfinished(backup: Backup) -> bool:
    """Whether a row may still change by itself."""
    parts = parts_of(backup) or Parts(application=True, database=True)
    return _completion(backup, parts) is Completion.PENDING


def _completion(backup: Backup, parts: Parts) -> Completion:
    return judge(backup, _REQUESTS[parts]).completion


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


def latest_of_each(backups: Iterable[Backup]) -> list[Backup]:
    """Leave out what no audit will need once newer rows of the same group are known.

    Kept are, of each group, enough of the newest, and enough of the newest that are whole.
    """
    kept: dict[int, Backup] = {}
    of_any: dict[tuple[object, ...], int] = {}
    of_whole: dict[tuple[object, ...], int] = {}
    for backup in sorted(backups, key=age_order, reverse=True):
        group = group_of(backup)
        for counts, counted in ((of_any, True), (of_whole, is_whole(backup))):
            if counted and counts.get(group, 0) <= COMPARED:
                counts[group] = counts.get(group, 0) + 1
                kept[backup.id] = backup
    return list(kept.values())
