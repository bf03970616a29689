"""Whether a backup that was accepted is complete: "200" means accepted, not done.

Pure: decided from one row of the list of backups and the request. Source: the vendor's list of backups.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from fleet.request import BackupRequest
from fleet.serveravatar.models import Backup

LONGEST_INTERVAL: Final = 60.0
"""Seconds between two looks at most."""


class Completion(StrEnum):
    """How far a backup is; the best first."""

    COMPLETE = "complete"
    PENDING = "pending"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Proof:
    """How far the proof of one backup came.

    Attributes:
        completion: how far the backup was when it was last seen.
        reason: what is missing or wrong; empty when complete.
        backup_id: its id in the list, once it was seen there.
        twins: the ids of all backups that carry its key, when they are more than one.
    """

    completion: Completion = Completion.PENDING
    reason: str = "it does not show in the list of backups"
    backup_id: int | None = None
    twins: tuple[int, ...] = ()

    @property
    def remark(self) -> str:
        """What a person is to know of a complete backup: that there are more of it."""
        if not self.twins:
            return ""
        return f"made {len(self.twins)} times, backups {', '.join(map(str, self.twins))}: delete all but one"


def judge(backup: Backup, request: BackupRequest) -> Proof:
    """Decide how far a backup is.

    Complete is a backup whose status says so, and whose every part that was asked for has a size above zero and lies
    in the storage. Of the statuses only `Completed` is documented; one that speaks of failure is bad, any other is
    on its way.
    """
    completion, reason = _completion(backup, request)
    return Proof(completion, reason, backup.id)


def _completion(backup: Backup, request: BackupRequest) -> tuple[Completion, str]:
    status = (backup.status or "").strip()
    if any(word in status.casefold() for word in ("fail", "error", "cancel", "abort")):
        return Completion.BAD, f"the backup ended as {status!r}"
    if status.casefold() != "completed":
        return Completion.PENDING, f"its status is {status!r}" if status else "it has no status yet"
    parts = []
    if request.wants_application:
        parts.append(("application", backup.application_size, backup.application_available_in_cloudstorage))
    if request.wants_database:
        parts.append(("database", backup.database_size, backup.database_available_in_cloudstorage))
    for part, size, _ in parts:
        if size is not None and size <= 0:
            return Completion.BAD, f"the backup of the {part} is empty"
    for part, size, available in parts:
        if size is None:
            return Completion.PENDING, f"the size of its {part} is not known"
        if not available:
            return Completion.PENDING, f"its {part} is not in the storage yet"
    return Completion.COMPLETE, ""


def judge_all(rows: Sequence[Backup], request: BackupRequest) -> Proof:
    """Decide how far a backup is that stands in the list once, or, after a resend, more often: the best one counts."""
    proofs = [judge(row, request) for row in rows]
    best = min(proofs, key=lambda proof: list(Completion).index(proof.completion))
    return replace(best, twins=tuple(sorted(row.id for row in rows)) if len(rows) > 1 else ())


def next_interval(elapsed: float, pages_in_vain: int) -> float:
    """How long to wait before the next look at the list.

    It grows with the time that was waited, so that the last backup is noticed late by half its own time at most, and
    is as long in seconds as the last look read pages for nothing.

    Args:
        elapsed: seconds since the first wait began.
        pages_in_vain: pages of the last look that showed no end of anything.

    Returns:
        Seconds.
    """
    return min(max(2.0 + elapsed / 2, float(pages_in_vain)), LONGEST_INTERVAL)
