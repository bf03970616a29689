"""The automatic plans that `plan` compares with the fleet file: those of the ledger, and what has become of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from cli.backups.wanted import Wanted
from fleet.creation.intent import Intent
from fleet.inventory.inventory import Inventory
from fleet.inventory.target import Target
from fleet.ledger.reading import RecordedPlan, read_plans
from fleet.observed.observed import Observed
from fleet.observed.preconditions import missing
from fleet.plan.drift import Drift
from fleet.plan.planning import Lists
from fleet.plan.unrecorded import drift_of_wanted
from fleet.plan.unwanted import Scope, drift_of_unwanted, not_wanted
from fleet.selection.living import Resolved


@dataclass(frozen=True, slots=True)
class Plans:
    """The automatic plans of the ledger: all of them by key, and those of this fleet that it no longer wants."""

    recorded: dict[str, RecordedPlan]
    unwanted: list[tuple[RecordedPlan, Target]]


async def read_plans_of(wanted: Wanted, inventory: Inventory, resolved: Resolved, ledger_url: str) -> Plans:
    """Read the plans of the ledger and find those that the fleet file no longer wants.

    Args:
        wanted: what the command is about.
        inventory: of the fleet file, with its rules.
        resolved: the same, with its rules resolved.
        ledger_url: where the ledger is.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    recorded = await read_plans(ledger_url)
    by_key = {plan.entry.key: plan for plan in recorded}
    if wanted.failed_from:  # A part of the targets does not show what the rest of the fleet file wants.
        return Plans(by_key, [])
    return Plans(by_key, not_wanted(recorded, resolved.inventory.targets, _scope(wanted, inventory, resolved)))


def _scope(wanted: Wanted, inventory: Inventory, resolved: Resolved) -> Scope:
    """Where a plan that no target wants is unwanted: not where something could not be read."""
    targets, selection = resolved.inventory.targets, resolved.selection
    named = {target.organization for target in targets} | {rule.organization for rule in inventory.rules}
    return Scope(
        wanted.fleet.name,
        frozenset(named - {each.organization for each in selection.unread_organizations}),
        frozenset((target.organization, target.server_id) for target in targets) if wanted.limit else None,
        frozenset((server.organization, server.server_id) for server in selection.unread),
    )


async def drift_of(intents: Sequence[Intent], plans: Plans, observed: Observed, lists: Lists) -> list[Drift]:
    """What has drifted: plans that are gone or differ, and plans that are no longer wanted."""
    automatic = [intent.target for intent in intents if intent.target.request.automatic_backup]
    await lists.read_newest(target.organization for target in automatic)
    possible = [target for target in automatic if not missing(target, observed)]
    return [
        *drift_of_wanted(possible, plans.recorded, lists.newest, observed),
        *drift_of_unwanted(plans.unwanted, automatic, observed),
    ]
