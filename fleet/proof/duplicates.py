"""A backup that stands in the list more than once, as a resend may leave it: the best one counts. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from fleet.inventory.request import BackupRequest
from fleet.proof.completeness import judge
from fleet.proof.known_api import DOCUMENTED, KnownApi
from fleet.proof.parts import total_mb_of
from fleet.proof.proof import Completion, Proof
from fleet.serveravatar.models import Backup


def judge_all(
    rows: Sequence[Backup],
    request: BackupRequest,
    api: KnownApi = DOCUMENTED,
    seen_before: frozenset[int] = frozenset(),
) -> Proof:
    """Decide how far a target's backup is, from all rows that are it.

    Args:
        rows: at least one.
        request: what was requested.
        api: what the API is known to show.
        seen_before: the ids of those that an earlier look has shown as they are now.
    """
    proofs = [judge(row, request, api, seen_before=row.id in seen_before) for row in rows]
    best = min(proofs, key=lambda proof: list(Completion).index(proof.completion))
    total = next(total_mb_of(row, request) for row in rows if row.id == best.backup_id)
    found = twins(rows, automatic=request.automatic_backup)
    several = "each belongs to a different plan" if found and request.automatic_backup else ""
    return replace(best, twins=found, total_mb=total, note="; ".join(part for part in (best.note, several) if part))


def twins(rows: Iterable[Backup], *, automatic: bool = False) -> tuple[int, ...]:
    """The ids of a target's backups if it was made more than once, else none; of each plan only the first backup."""
    first_of = {row.backup_config_id if automatic else row.id: row.id for row in sorted(rows, key=lambda row: -row.id)}
    return tuple(sorted(first_of.values())) if len(first_of) > 1 else ()
