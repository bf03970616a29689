"""Whether an accepted backup is complete: "200" means accepted, not done.

Pure: decided from one row of the backup list, the request, and what the API is known to show. Runs and audits share
this one rule. Source: the vendor's example of a backup list; docs/decisions/0019-the-dialect.md.
"""

from collections.abc import Sequence

from fleet.inventory.request import BackupRequest
from fleet.proof.known_api import DOCUMENTED, WIDEST_ZONE, KnownApi, Pattern
from fleet.proof.matching import mismatch
from fleet.proof.parts import Parts, ShownPart, parts_of, shown_parts, wanted_parts
from fleet.proof.proof import Completion, Proof
from fleet.proof.status_words import StatusMeaning, meaning_of, normalized
from fleet.serveravatar.models import Backup


def judge(backup: Backup, request: BackupRequest, api: KnownApi = DOCUMENTED, *, seen_before: bool = False) -> Proof:
    """Decide how far a backup is.

    A backup is complete if it is what was requested, has the documented status, and each requested part has a size
    above zero and is in the storage. If its status word is unknown, or the API shows no sizes or flags on any row,
    the rest decides once two looks have shown it equal; then the result is inferred.

    Args:
        backup: its row.
        request: what was requested.
        api: what the API is known to show.
        seen_before: whether an earlier look has shown the row as it is now.
    """
    if not _gone(backup, api) and (reason := mismatch(backup, request)):
        return Proof(Completion.DOUBTFUL, reason, backup.id)
    return judge_parts(backup, wanted_parts(request), api, seen_before=seen_before)


def judge_parts(backup: Backup, wanted: Parts, api: KnownApi = DOCUMENTED, *, seen_before: bool = False) -> Proof:
    """Decide how far these parts of a backup are, whatever it is of and wherever it lies (`judge`)."""
    if reason := _gone(backup, api):
        return Proof(Completion.BAD, reason, backup.id)
    meaning, parts = meaning_of(backup.status), shown_parts(backup, wanted)
    status, is_done = (backup.status or "").strip(), meaning is StatusMeaning.DONE
    if meaning is StatusMeaning.FAILURE:
        return Proof(Completion.BAD, f"the backup ended as {status!r}", backup.id)
    if meaning is StatusMeaning.WAITING or (not status and api.statuses):
        return Proof(Completion.PENDING, f"its status is {status!r}" if status else "it has no status yet", backup.id)
    if obstacle := _obstacle(parts, api, is_done=is_done):
        return Proof(*obstacle, backup.id)
    return _enough_shown(backup, parts, api, is_done=is_done, seen_before=seen_before)


def is_unfinished(backup: Backup) -> bool:
    """Whether a row may still change by itself."""
    return judge_parts(backup, parts_of(backup) or Parts()).completion is Completion.PENDING


def pattern(backup: Backup, wanted: Parts) -> Pattern:
    """What completeness is inferred from: the status word, and whether sizes and flags of the wanted parts show."""
    parts = shown_parts(backup, wanted)
    return normalized(backup.status), all(part.has_size for part in parts), all(part.available for part in parts)


def _gone(backup: Backup, api: KnownApi) -> str:
    """Why a backup is no longer usable, whatever its status; empty if it may be."""
    if backup.deleted_at is not None:
        return f"the backup was deleted at {backup.deleted_at:%Y-%m-%d %H:%M}"
    if backup.expires_at is None or api.now is None:
        return ""
    # In an unknown zone it has expired only once the time has passed everywhere.
    offset = WIDEST_ZONE * -1 if api.offset is None else api.offset
    passed = backup.expires_at - offset <= api.now
    return f"the backup expired at {backup.expires_at:%Y-%m-%d %H:%M}" if passed else ""


def _obstacle(parts: Sequence[ShownPart], api: KnownApi, *, is_done: bool) -> tuple[Completion, str] | None:
    """What keeps the parts from being complete, if anything does; the gravest first."""
    for part in parts:
        if is_done and part.size is not None and not part.has_size and part.available is False and not api.zeros:
            return Completion.BAD, f"the backup of the {part.name} is empty"
    for part in parts:
        if part.available is False or (part.available is None and api.flags):
            return Completion.PENDING, f"its {part.name} is not in the storage yet"
        if part.size is None and api.sizes:
            return Completion.PENDING, f"the size of its {part.name} is unknown"
        if part.size is not None and not part.has_size and not api.zeros:
            if not is_done:
                return Completion.PENDING, f"its {part.name} has no size yet"
            beside = f" ({part.total:g} MB before packing)" if part.total else ""
            return Completion.DOUBTFUL, f"its {part.name} archive shows as 0 MB{beside}: open it in the panel"
    return None


def _enough_shown(
    backup: Backup, parts: Sequence[ShownPart], api: KnownApi, *, is_done: bool, seen_before: bool
) -> Proof:
    """Whether what is shown suffices, given that nothing shown speaks against it."""
    sized, stored = all(part.has_size for part in parts), all(part.available for part in parts)
    if is_done and sized and stored:
        return Proof(Completion.COMPLETE, "", backup.id)
    if not (is_done or sized or stored):
        reason = f"its status {backup.status!r} is unknown, and neither sizes nor storage are shown"
        return Proof(Completion.PENDING, reason, backup.id)
    missing = [name for name, shown in (("sizes", sized), ("whether it is in the storage", stored)) if not shown]
    notes = [f"this API does not show {' or '.join(missing)}"] if missing else []
    if not is_done:
        notes.insert(0, f"its status {backup.status!r} is not documented" if backup.status else "no status is shown")
    note = "; ".join(notes)
    if seen_before or (normalized(backup.status), sized, stored) in api.patterns:
        return Proof(Completion.COMPLETE, "", backup.id, inferred=True, note=note)
    return Proof(Completion.PENDING, f"{note}: a second look is needed", backup.id, inferred=True)
