"""Drift of automatic plans beside the targets: plans that nobody wants, that are gone, doubled or changed in the panel.

The API lists no plans. What is known of one is what the ledger recorded when it was made, and the backups that it
makes: rows of the list of backups without a name. Pure: decided from these.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pydantic import ValidationError

from fleet.backup_list.newest import Newest
from fleet.inventory.expectation import LATE, PERIODS
from fleet.inventory.request import BackupRequest
from fleet.inventory.target import Target
from fleet.ledger.entry import Entry
from fleet.ledger.reading import RecordedPlan
from fleet.observed.observed import Observed
from fleet.observed.preconditions import missing
from fleet.proof.sought import NOTHING_KNOWN
from fleet.serveravatar.models import Backup

CANNOT_TELL: Final = (
    "Neither the API nor the ledger tells: what was changed in the panel but the storage provider, whether a plan was "
    "deleted there, and plans from there with fewer than two backups among the newest hundred."
)


class Kind(StrEnum):
    """How a plan has drifted."""

    DUPLICATE = "duplicate"
    """More than one plan seems to make the same backups."""
    UNRECORDED = "unrecorded"
    """A plan that the ledger does not know seems to make the backups that are wanted."""
    CHANGED = "changed"
    """Its backups are not as it was made."""
    UNWANTED = "unwanted"
    """The ledger knows it, and the fleet file does not want it any more."""
    GONE = "gone"
    """As unwanted, and its application or its server is not there any more."""


@dataclass(frozen=True, slots=True)
class Drift:
    """One plan, or several of one application, that are not as they should be.

    Attributes:
        kind: how.
        target: what the plan is about; of one that is not wanted, as the ledger has it.
        server: the server's name.
        application: the application's name.
        reason: in words a person can act on.
        plan_ids: the plans' ids (`backup_config_id`), as far as they are known.
        key: of the plan in the ledger; empty where it has none.
    """

    kind: Kind
    target: Target
    server: str
    application: str
    reason: str
    plan_ids: tuple[int, ...] = ()
    key: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """Of which plans a fleet file says that it does not want them, by not naming them.

    Attributes:
        fleet: the name of the fleet file: a ledger may serve several.
        organizations: that it is about.
        servers: with `--limit`, the only ones that are looked at, each with its organization; None: all.
        unread: servers whose applications could not be read, so that nobody knows what rules would find there.
    """

    fleet: str
    organizations: AbstractSet[int]
    servers: AbstractSet[tuple[int, int]] | None = None
    unread: AbstractSet[tuple[int, int]] = frozenset()

    def holds(self, plan: RecordedPlan) -> bool:
        """Whether a plan would be named if it were wanted; one whose run did not come to its end may be anybody's."""
        place = plan.subject.organization, plan.subject.server_id
        is_here = place[0] in self.organizations if self.servers is None else place in self.servers
        return is_here and place not in self.unread and (not plan.fleets or self.fleet in plan.fleets)


def not_wanted(
    recorded: Iterable[RecordedPlan], targets: Iterable[Target], scope: Scope
) -> list[tuple[RecordedPlan, Target]]:
    """Keep the plans of the ledger that the fleet file does not want any more, each with what it was made for.

    Args:
        recorded: all plans of the ledger.
        targets: everything that the fleet file wants, within the scope.
        scope: which of them are its concern.
    """
    wanted = {target.key("") for target in targets if target.request.automatic_backup}
    return [
        (plan, target)
        for plan in recorded
        if plan.entry.key not in wanted and scope.holds(plan) and (target := _target_of(plan)) is not None
    ]


def _target_of(plan: RecordedPlan) -> Target | None:
    """What a plan was made for; None where an older version has recorded what this one does not read."""
    try:
        request = BackupRequest.model_validate(dict(plan.entry.request))
    except ValidationError:
        return None
    return Target("", plan.subject.organization, plan.subject.server_id, plan.subject.server or None, request)


def to_observe(target: Target) -> Target:
    """A target that makes the observation look for nothing but its server and its application."""
    files = {"type": "filesystem", "database_id": None}
    return Target("", target.organization, target.server_id, None, target.request.model_copy(update=files))


def drift_of_unwanted(
    plans: Iterable[tuple[RecordedPlan, Target]], wanted: Iterable[Target], observed: Observed
) -> list[Drift]:
    """Say of each plan that is not wanted any more what became of its application.

    Args:
        plans: of the ledger, as `not_wanted` has kept them.
        wanted: the automatic plans that the fleet file wants.
        observed: with the servers and applications of all of these.
    """
    instead = {_subject(target): target for target in wanted}
    found = []
    for plan, target in plans:
        maybe = "" if plan.entry.is_settled else "it may exist: nobody knows whether it was created; "
        other, gone = instead.get(_subject(target)), missing(target, observed)
        if gone:
            kind, reason = Kind.GONE, gone
        elif other:
            kind, reason = Kind.UNWANTED, f"it stores at {_storage(target)}, and {_storage(other)} is wanted"
        else:
            kind, reason = Kind.UNWANTED, "the fleet file does not want it any more"
        name = plan.subject.application or observed.application_name(target)
        advice = "delete it in the panel, then `fleet-backup forget` it"
        ids = () if plan.entry.plan_id is None else (plan.entry.plan_id,)
        key = plan.entry.key
        found.append(
            Drift(kind, target, observed.server_name(target), name, f"{maybe}{reason}; {advice} ({key})", ids, key)
        )
    return found


def _subject(target: Target) -> tuple[object, ...]:
    """What a plan backs up, wherever it stores it."""
    request = target.request
    return target.organization, target.server_id, request.type, request.application_id, request.database_id


def _storage(target: Target) -> str:
    return f"{target.request.provider} {target.request.cloud_storage_provider_id}"


def drift_of_wanted(
    wanted: Iterable[Target],
    recorded: Mapping[str, RecordedPlan],
    newest: Mapping[int, Newest],
    observed: Observed,
) -> list[Drift]:
    """Compare the plans that are wanted to the newest backups that have no name.

    Args:
        wanted: the automatic plans that the fleet file wants and that can be made.
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
        reason = f"plan {shown} makes such backups and the ledger does not know it: a run makes a second one"
        return Kind.UNRECORDED, reason, plans
    if len(plans) > 1:
        return Kind.DUPLICATE, f"plans {shown} make the same backups; leave one of them in the panel", plans
    if recorded and any(_is_older(plan, recorded.entry) for plan in plans):
        reason = (
            f"plan {shown}, which is older than the ledger's, makes such backups too; leave one of them in the panel"
        )
        return Kind.DUPLICATE, reason, plans
    own_id = recorded.entry.plan_id if recorded else None
    own = max((row for row in rows if row.backup_config_id == own_id), key=lambda row: row.id, default=None)
    storage = target.request.cloud_storage_provider_id
    if own and own.cloud_storage_provider_id not in (None, storage):
        lies_at = f"its newest backup, {own.id}, lies at storage provider {own.cloud_storage_provider_id}"
        return Kind.CHANGED, f"{lies_at}, and {storage} is wanted", (own_id or 0,)
    return None


def _is_older(plan: int, entry: Entry) -> bool:
    """Whether a plan was there before the ledger's was made, as far as the list could be read then."""
    return entry.before != NOTHING_KNOWN and entry.plan_id != plan <= entry.before.plan


def _at_work(target: Target, rows: Iterable[Backup], newest: Newest) -> tuple[int, ...]:
    """The ids of the plans that make what a target wants: each made two backups, one within the wanted schedule.

    One backup without a name may have been made by hand. The time is measured from the newest backup of all, by id,
    since nobody knows in which zone the API writes its times, and one may be dated in the future.
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
    """Whether a plan's backup holds what a request asks for, at the same storage provider."""
    if row.cloud_storage_provider_id != request.cloud_storage_provider_id:
        return False
    if row.database_id != request.database_id and (request.wants_database or row.database_id is not None):
        return False
    # The list does not name the type; a part that is not in a backup has no extension there.
    parts = row.application_extension is not None, row.database_extension is not None
    return parts in ((False, False), (request.wants_application, request.wants_database))
