"""Plans known only from their backups: created, duplicated or changed in the panel. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from fleet.backup_list.newest import Newest
from fleet.inventory.expectation import LATE, PERIODS
from fleet.inventory.request import BackupRequest
from fleet.inventory.target import Target
from fleet.ledger.entry import Entry
from fleet.ledger.reading import RecordedPlan
from fleet.observed.observed import Observed
from fleet.plan.drift import Drift, Kind
from fleet.proof.sought import NOTHING_KNOWN
from fleet.serveravatar.models import Backup


def drift_of_wanted(
    wanted: Iterable[Target],
    recorded: Mapping[str, RecordedPlan],
    newest: Mapping[int, Newest],
    observed: Observed,
) -> list[Drift]:
    """Compare the wanted plans to the newest backups without a name.

    Args:
        wanted: the automatic plans that the fleet file wants and that can be created.
        recorded: the plans of the ledger, by key.
        newest: the newest backups, by organization.
        observed: for names.
    """
    by_application: defaultdict[tuple[int, int], list[Backup]] = defaultdict(list)
    for organization, each in newest.items():
        for row in each.rows:
            if not row.names and row.backup_config_id is not None and row.application_id is not None:
                by_application[organization, row.application_id].append(row)
    found = []
    for target in wanted:
        rows = by_application[target.organization, target.request.application_id]
        if rows and (drift := _of_one(target, recorded.get(target.key("")), rows, newest[target.organization])):
            kind, reason, ids = drift
            names = observed.server_name(target), observed.application_name(target)
            key = target.key("") if target.key("") in recorded else ""
            found.append(Drift(kind, target, *names, reason, ids, key))
    return found


def _of_one(
    target: Target, recorded: RecordedPlan | None, rows: Sequence[Backup], newest: Newest
) -> tuple[Kind, str, tuple[int, ...]] | None:
    plans = _at_work(target, rows, newest)
    shown = ", ".join(map(str, plans))
    if recorded is None and plans:
        reason = f"plan {shown} makes such backups but is not in the ledger; a run would create a second plan"
        return Kind.UNRECORDED, reason, plans
    if len(plans) > 1:
        return Kind.DUPLICATE, f"plans {shown} make the same backups; keep only one of them in the panel", plans
    if recorded and any(_is_older(plan, recorded.entry) for plan in plans):
        reason = f"plan {shown}, older than the ledger's, makes such backups too; keep only one of them in the panel"
        return Kind.DUPLICATE, reason, plans
    own_id = recorded.entry.plan_id if recorded else None
    own = max((row for row in rows if row.backup_config_id == own_id), key=lambda row: row.id, default=None)
    storage = target.request.cloud_storage_provider_id
    if own and own.cloud_storage_provider_id not in (None, storage):
        stored_at = f"its newest backup, {own.id}, is at storage provider {own.cloud_storage_provider_id}"
        return Kind.CHANGED, f"{stored_at}, but {storage} is wanted", (own_id or 0,)
    return None


def _is_older(plan: int, entry: Entry) -> bool:
    """Whether a plan existed before the ledger's was created, as far as the list could be read then."""
    return entry.before != NOTHING_KNOWN and entry.plan_id != plan <= entry.before.plan


def _at_work(target: Target, rows: Iterable[Backup], newest: Newest) -> tuple[int, ...]:
    """The ids of the plans that make what a target wants: each made two backups, one within the wanted schedule.

    A single backup without a name may have been created manually. Time is measured from the newest backup by id, since
    the time zone of the API's times is unknown, and a row may be dated in the future.
    """
    made = max(((row.id, row.created_at) for row in newest.rows if row.created_at), default=None)
    period = PERIODS[target.request.schedule or "Every Year"] + LATE
    by_plan: defaultdict[int, list[Backup]] = defaultdict(list)
    for row in rows:
        if row.backup_config_id is not None and _is_like(row, target.request):
            by_plan[row.backup_config_id].append(row)
    return tuple(
        sorted(
            plan
            for plan, its in by_plan.items()
            if len(its) > 1 and any(not made or not row.created_at or made[1] - row.created_at <= period for row in its)
        )
    )


def _is_like(row: Backup, request: BackupRequest) -> bool:
    """Whether a plan's backup contains what a request asks for, at the same storage provider."""
    if row.cloud_storage_provider_id != request.cloud_storage_provider_id:
        return False
    if row.database_id != request.database_id and (request.wants_database or row.database_id is not None):
        return False
    # The list does not show the type; a part that a backup lacks has no extension there.
    parts = row.application_extension is not None, row.database_extension is not None
    return parts in ((False, False), (request.wants_application, request.wants_database))
