"""The parts of a backup, application and database: which a row holds, which a request wants, and what shows of them."""

from dataclasses import dataclass
from typing import NamedTuple

from fleet.inventory.request import BackupRequest
from fleet.serveravatar.models import Backup


@dataclass(frozen=True, slots=True)
class Parts:
    """Which parts a backup holds, or should hold."""

    application: bool = True
    database: bool = True


class ShownPart(NamedTuple):
    """What a row shows of one part.

    Attributes:
        name: `application` or `database`.
        size: MB of its archive.
        total: MB before packing.
        available: whether it is in the storage.
    """

    name: str
    size: float | None
    total: float | None
    available: bool | None

    @property
    def has_size(self) -> bool:
        """Whether its archive is shown with a size above zero."""
        return self.size is not None and self.size > 0


def wanted_parts(request: BackupRequest) -> Parts:
    """The parts that a request asks for."""
    return Parts(request.wants_application, request.wants_database)


def parts_of(backup: Backup) -> Parts | None:
    """The parts that a row is of, even if it failed; None if the row does not show them."""
    application = bool(backup.application_extension) or (backup.application_size or 0) > 0
    database = bool(backup.database_extension) or (backup.database_size or 0) > 0
    return Parts(application, database) if application or database else None


def missing_part(backup: Backup, request: BackupRequest) -> str:
    """Name the part that a request wants and a row lacks; empty if none, or the row does not show its parts."""
    parts = parts_of(backup)
    if parts and request.wants_application and not parts.application:
        return "application"
    return "database" if parts and request.wants_database and not parts.database else ""


def shown_parts(backup: Backup, wanted: Parts) -> list[ShownPart]:
    """What a row shows of each wanted part."""
    application = ShownPart(
        "application",
        backup.application_size,
        backup.total_application_size,
        backup.application_available_in_cloudstorage,
    )
    database = ShownPart(
        "database", backup.database_size, backup.total_database_size, backup.database_available_in_cloudstorage
    )
    return [part for part, is_wanted in ((application, wanted.application), (database, wanted.database)) if is_wanted]


def size_of(backup: Backup, request: BackupRequest) -> float:
    """MB in the archives of the parts that a request asks for."""
    return sum(part.size or 0.0 for part in shown_parts(backup, wanted_parts(request)))


def total_mb_of(backup: Backup, request: BackupRequest) -> float | None:
    """MB before packing of the parts that a request asks for; None if one of them is not shown."""
    totals = [part.total for part in shown_parts(backup, wanted_parts(request))]
    shown = [total for total in totals if total]
    return sum(shown) if len(shown) == len(totals) else None
