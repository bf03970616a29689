"""Plans that the ledger knows but the fleet file no longer wants. Pure."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from pydantic import ValidationError

from fleet.inventory.request import BackupRequest
from fleet.inventory.target import Target
from fleet.ledger.reading import RecordedPlan
from fleet.observed.observed import Observed
from fleet.observed.preconditions import missing
from fleet.plan.drift import Drift, Kind


@dataclass(frozen=True, slots=True)
class Scope:
    """Which plans are unwanted if the fleet file does not name them.

    Attributes:
        fleet: the name of the fleet file; a ledger may serve several.
        organizations: those it covers.
        servers: with `--limit`, the only ones compared, each with its organization; None: all.
        unread: servers whose applications could not be read: rules might find the plan's application there.
    """

    fleet: str
    organizations: AbstractSet[int]
    servers: AbstractSet[tuple[int, int]] | None = None
    unread: AbstractSet[tuple[int, int]] = frozenset()

    def holds(self, plan: RecordedPlan) -> bool:
        """Whether this fleet file would name the plan if it wanted it; a plan of an unfinished run may be anyone's."""
        place = plan.subject.organization, plan.subject.server_id
        is_here = place[0] in self.organizations if self.servers is None else place in self.servers
        return is_here and place not in self.unread and (not plan.fleets or self.fleet in plan.fleets)


def not_wanted(
    recorded: Iterable[RecordedPlan], targets: Iterable[Target], scope: Scope
) -> list[tuple[RecordedPlan, Target]]:
    """Keep the ledger's plans that the fleet file no longer wants, each with its target.

    Args:
        recorded: all plans of the ledger.
        targets: everything the fleet file wants, within the scope.
        scope: which plans the fleet file covers.
    """
    wanted = {target.key("") for target in targets if target.request.automatic_backup}
    return [
        (plan, target)
        for plan in recorded
        if plan.entry.key not in wanted and scope.holds(plan) and (target := _target_of(plan)) is not None
    ]


def _target_of(plan: RecordedPlan) -> Target | None:
    """The target of a plan; None if an older version recorded a request that this one cannot read."""
    try:
        request = BackupRequest.model_validate(dict(plan.entry.request))
    except ValidationError:
        return None
    return Target("", plan.subject.organization, plan.subject.server_id, plan.subject.server or None, request)


def to_observe(target: Target) -> Target:
    """A target that makes the observation read only its server and its application."""
    files = {"type": "filesystem", "database_id": None}
    return Target("", target.organization, target.server_id, None, target.request.model_copy(update=files))


def drift_of_unwanted(
    plans: Iterable[tuple[RecordedPlan, Target]], wanted: Iterable[Target], observed: Observed
) -> list[Drift]:
    """Report each unwanted plan, with what became of its application.

    Args:
        plans: from `not_wanted`.
        wanted: the automatic plans that the fleet file wants.
        observed: with the servers and applications of all of these.
    """
    instead = {_subject(target): target for target in wanted}
    found = []
    for plan, target in plans:
        maybe = "" if plan.entry.is_settled else "it may exist: whether it was created is unknown; "
        other, gone = instead.get(_subject(target)), missing(target, observed)
        if gone:
            kind, reason = Kind.GONE, gone
        elif other:
            kind, reason = Kind.UNWANTED, f"it stores to {_storage(target)}, but {_storage(other)} is wanted"
        else:
            kind, reason = Kind.UNWANTED, "no longer in the fleet file"
        name = plan.subject.application or observed.application_name(target)
        advice = "delete it in the panel, then `fleet-backup forget` it"
        ids = () if plan.entry.plan_id is None else (plan.entry.plan_id,)
        key = plan.entry.key
        found.append(
            Drift(kind, target, observed.server_name(target), name, f"{maybe}{reason}; {advice} ({key})", ids, key)
        )
    return found


def _subject(target: Target) -> tuple[object, ...]:
    """What a plan backs up, wherever it stores the backups."""
    request = target.request
    return target.organization, target.server_id, request.type, request.application_id, request.database_id


def _storage(target: Target) -> str:
    return f"{target.request.provider} {target.request.cloud_storage_provider_id}"
