"""Whether a backup that was accepted is complete: "200" means accepted, not done.

Pure: decided from one row of the list of backups, the request, and what the API that was met has been seen to show
(docs/decisions/0019-the-dialect.md). Source: the vendor's list of backups. One rule for runs and audits.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from fleet.inventory.request import BackupRequest
from fleet.proof.status_words import Speech, folded, speech_of
from fleet.serveravatar.models import Backup

LONGEST_INTERVAL: Final = 60.0
"""Seconds between two looks at most."""
WIDEST_ZONE: Final = timedelta(hours=14)
"""No zone is further from UTC: by so much a stamp may be off whose zone nobody knows."""


class Completion(StrEnum):
    """How far a backup is; the best first."""

    COMPLETE = "complete"
    PENDING = "pending"
    DOUBTFUL = "doubtful"
    """It has ended and is not what was asked for, or not certainly: to be looked at by a person, not made again."""
    BAD = "bad"
    """It has ended and is missing: a run of the key makes it again."""


class Evidence(StrEnum):
    """By what a backup was recognised as the one that was asked for, and its end; the strongest first."""

    NAMED = "named"
    """The list shows its key in its name, and everything that is documented of a complete backup."""
    PLACED = "placed"
    """The list shows no name: it is newer than the intent, of the same thing in the same storage, and nobody else's."""
    INFERRED = "inferred"
    """Something undocumented is shown, or something documented is not: the rest was equal on two looks."""


@dataclass(frozen=True, slots=True)
class Proof:
    """How far the proof of one backup came.

    Attributes:
        completion: how far the backup was when it was last seen.
        reason: what is missing or wrong; empty when complete.
        backup_id: its id in the list, once it was seen there.
        twins: the ids of all backups that are it, when they are more than one.
        inferred: whether it is complete, or would be on a second equal look, though something undocumented is shown.
        note: what a person is to know of it besides.
        evidence: by what it was recognised and judged; None where it was not seen.
    """

    completion: Completion = Completion.PENDING
    reason: str = "no backup found"
    backup_id: int | None = None
    twins: tuple[int, ...] = ()
    inferred: bool = False
    note: str = ""
    evidence: Evidence | None = None

    @property
    def remark(self) -> str:
        """What a person is to know of it besides its end: that there are more of it, and what was not shown."""
        ids = ", ".join(map(str, self.twins))
        more = f"made {len(self.twins)} times, backups {ids}: delete all but one"
        if self.evidence not in (None, Evidence.NAMED):
            more = (
                f"sent more than once, and backups {ids} may all be it, or somebody else's: compare them in the panel"
            )
        return "; ".join(part for part in (more if self.twins else "", self.note) if part)

    def recognised_by(self, evidence: Evidence | None) -> "Proof":
        """The proof of a backup that was recognised by this; what is complete by inference is no more than that."""
        is_inferred = self.inferred and self.completion is Completion.COMPLETE
        return replace(self, evidence=Evidence.INFERRED if is_inferred else evidence)

    @property
    def needs_another_look(self) -> bool:
        """Whether only a second look that shows the same is missing."""
        return self.inferred and self.completion is Completion.PENDING


Pattern = tuple[str, bool, bool]
"""The word of a status, and whether sizes and flags were shown beside it: what completeness is inferred from."""


@dataclass(frozen=True, slots=True)
class Judging:
    """What the API that was met is known to show, as far as judging a row needs it (`fleet.dialect`).

    Attributes:
        sizes: whether any row that may be complete shows the size of its archive; None: no such row was seen yet.
        flags: the same of `..._available_in_cloudstorage`.
        statuses: whether any row shows a status.
        zeros: whether every archive shows as 0, beside real sizes of the site.
        patterns: what was seen complete often enough, so that one look is enough.
        offset: how far naive stamps are from UTC; None: nobody knows.
        now: the time, for what has expired; None: that is not asked.
    """

    sizes: bool | None = True
    flags: bool | None = True
    statuses: bool | None = True
    zeros: bool = False
    patterns: frozenset[Pattern] = frozenset()
    offset: timedelta | None = None
    now: datetime | None = None


DOCUMENTED: Final = Judging()
"""An API that shows what the vendor's example shows."""


class _Part(NamedTuple):
    name: str
    size: float | None
    total: float | None
    available: bool | None


def judge(backup: Backup, request: BackupRequest, judging: Judging = DOCUMENTED, *, seen_before: bool = False) -> Proof:
    """Decide how far a backup is.

    Complete is a backup that is of what was asked for, has the documented status, and whose every part that was asked
    for has a size above zero and lies in the storage. Where the status is a word that nobody knows, or the API shows no
    sizes or flags of any row, the rest decides, once it was equal on two looks; then it is inferred.

    Args:
        backup: its row.
        request: what was asked for.
        judging: what the API shows.
        seen_before: whether an earlier look has shown the row as it is now.
    """
    if not _gone(backup, judging) and (reason := misplaced(backup, request)):
        return Proof(Completion.DOUBTFUL, reason, backup.id)
    return judge_contents(backup, request, judging, seen_before=seen_before)


def judge_contents(
    backup: Backup, request: BackupRequest, judging: Judging = DOCUMENTED, *, seen_before: bool = False
) -> Proof:
    """As `judge`, of a backup whatever it is of and wherever it lies: only the parts count that are asked for."""
    if reason := _gone(backup, judging):
        return Proof(Completion.BAD, reason, backup.id)
    speech, parts = speech_of(backup.status), _parts(backup, request)
    status = (backup.status or "").strip()
    if speech is Speech.FAILURE:
        return Proof(Completion.BAD, f"the backup ended as {status!r}", backup.id)
    if speech is Speech.WAITING or (not status and judging.statuses):
        return Proof(Completion.PENDING, f"its status is {status!r}" if status else "it has no status yet", backup.id)
    obstacle = _obstacle(parts, judging, is_done=speech is Speech.DONE)
    if obstacle:
        return Proof(*obstacle, backup.id)
    return _shown(backup, parts, judging, is_done=speech is Speech.DONE, seen_before=seen_before)


def _gone(backup: Backup, judging: Judging) -> str:
    """Why a backup is of no use any more, whatever its status; empty where it may be."""
    if backup.deleted_at is not None:
        return f"the backup was deleted at {backup.deleted_at:%Y-%m-%d %H:%M}"
    if backup.expires_at is None or judging.now is None:
        return ""
    # A stamp of no known zone counts as passed only when it has passed everywhere.
    offset = WIDEST_ZONE * -1 if judging.offset is None else judging.offset
    passed = backup.expires_at - offset <= judging.now
    return f"the backup expired at {backup.expires_at:%Y-%m-%d %H:%M}" if passed else ""


def misplaced(backup: Backup, request: BackupRequest) -> str:
    """Say in what a backup is not the one that was asked for; empty where it may be it.

    What a row does not show is not held against it.
    """
    if backup.cloud_storage_provider_id not in (None, request.cloud_storage_provider_id):
        where, wanted = backup.cloud_storage_provider_id, request.cloud_storage_provider_id
        return f"backup {backup.id} lies in storage provider {where}, not {wanted}"
    if request.type != "database" and backup.application_id not in (None, request.application_id):
        return f"backup {backup.id} is of application {backup.application_id}, not {request.application_id}"
    of_another = backup.database_id is not None and request.database_id not in (None, backup.database_id)
    if request.wants_database and of_another:
        return f"backup {backup.id} is of database {backup.database_id}, not {request.database_id}"
    return ""


def _parts(backup: Backup, request: BackupRequest) -> list[_Part]:
    application = _Part(
        "application",
        backup.application_size,
        backup.total_application_size,
        backup.application_available_in_cloudstorage,
    )
    database = _Part(
        "database", backup.database_size, backup.total_database_size, backup.database_available_in_cloudstorage
    )
    return [
        part
        for part, wanted in ((application, request.wants_application), (database, request.wants_database))
        if wanted
    ]


def _obstacle(parts: Sequence[_Part], judging: Judging, *, is_done: bool) -> tuple[Completion, str] | None:
    """What a part shows that is in the way of completeness, if anything is; the gravest first."""
    for part in parts:
        if is_done and part.size is not None and part.size <= 0 and part.available is False and not judging.zeros:
            return Completion.BAD, f"the backup of the {part.name} is empty"
    for part in parts:
        if part.available is False or (part.available is None and judging.flags):
            return Completion.PENDING, f"its {part.name} is not in the storage yet"
        if part.size is None and judging.sizes:
            return Completion.PENDING, f"the size of its {part.name} is not known"
        if part.size is not None and part.size <= 0 and not judging.zeros:
            if not is_done:
                return Completion.PENDING, f"its {part.name} has no size yet"
            beside = f" ({part.total:g} MB of the site)" if part.total else ""
            return Completion.DOUBTFUL, f"the archive of its {part.name} shows as 0 MB{beside}: open it in the panel"
    return None


def _shown(backup: Backup, parts: Sequence[_Part], judging: Judging, *, is_done: bool, seen_before: bool) -> Proof:
    """Whether what is shown is enough, when nothing of it is in the way."""
    sized = all(part.size is not None and part.size > 0 for part in parts)
    stored = all(part.available for part in parts)
    if is_done and sized and stored:
        return Proof(Completion.COMPLETE, "", backup.id)
    if not (is_done or sized or stored):
        reason = f"its status is {backup.status!r}, which nobody knows, and neither sizes nor storage are shown"
        return Proof(Completion.PENDING, reason, backup.id)
    missing = [name for name, shown in (("sizes", sized), ("whether it is in the storage", stored)) if not shown]
    notes = [f"this API does not show {' or '.join(missing)}"] if missing else []
    if not is_done:
        notes.insert(0, f"its status {backup.status!r} is not documented" if backup.status else "no status is shown")
    note = "; ".join(notes)
    if seen_before or _pattern(backup, parts) in judging.patterns:
        return Proof(Completion.COMPLETE, "", backup.id, inferred=True, note=note)
    return Proof(Completion.PENDING, f"{note}: a second look is needed", backup.id, inferred=True)


def _pattern(backup: Backup, parts: Sequence[_Part]) -> Pattern:
    sized = all(part.size is not None and part.size > 0 for part in parts)
    return folded(backup.status), sized, all(part.available for part in parts)


def pattern(backup: Backup, request: BackupRequest) -> Pattern:
    """What the completeness of a backup is inferred from: its word, and which parts of the proof are shown."""
    return _pattern(backup, _parts(backup, request))


def judge_all(
    rows: Sequence[Backup],
    request: BackupRequest,
    judging: Judging = DOCUMENTED,
    seen_before: frozenset[int] = frozenset(),
) -> Proof:
    """Decide how far a backup is that stands in the list once, or, after a resend, more often: the best one counts.

    Args:
        rows: all that are it.
        request: what was asked for.
        judging: what the API shows.
        seen_before: the ids of those that an earlier look has shown as they are now.
    """
    proofs = [judge(row, request, judging, seen_before=row.id in seen_before) for row in rows]
    best = min(proofs, key=lambda proof: list(Completion).index(proof.completion))
    found = twins(rows, automatic=request.automatic_backup)
    several = "each shows a plan of its own" if found and request.automatic_backup else ""
    return replace(best, twins=found, note="; ".join(part for part in (best.note, several) if part))


def twins(rows: Iterable[Backup], *, automatic: bool = False) -> tuple[int, ...]:
    """The ids of the rows of a target that was made more than once, else none; of plans, the first of each."""
    first_of = {row.backup_config_id if automatic else row.id: row.id for row in sorted(rows, key=lambda row: -row.id)}
    return tuple(sorted(first_of.values())) if len(first_of) > 1 else ()


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
