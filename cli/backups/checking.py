"""Checks the preconditions of a resolved fleet, as a run does; shared by `check` and `plan`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from fleet.inventory.target import Target
from fleet.ledger.learned.application_names import named_before
from fleet.observed.disk_space import disk_notes
from fleet.observed.observation import observe
from fleet.observed.observed import Observed
from fleet.observed.preconditions import problem_of
from fleet.selection.living import Resolved
from fleet.serveravatar.listing import Send
from fleet.settings.settings import Settings


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found.

    Attributes:
        observed: what the API shows; what it does not show now is named as the ledger does.
        problems: of each target what is in its way, None where nothing is.
        notes: the disks that are too full for plans that start later, a line each.
    """

    observed: Observed
    problems: list[str | None]
    notes: list[str]


async def checked_fleet(send: Send, resolved: Resolved, settings: Settings, beside: Sequence[Target] = ()) -> Checked:
    """Observe a fleet, and check each of its targets.

    Args:
        send: sends a request and returns the JSON of its response.
        resolved: the fleet.
        settings: of the environment.
        beside: other targets to observe, which are not checked.

    Raises:
        ApiUnusableError: the API cannot be used: token, network, limit.
    """
    rules, targets = settings.disk_rules(), resolved.inventory.targets
    observed = await observe(send, [*targets, *beside], rules, resolved.listed)
    observed = await named_before(settings.ledger_url(), observed, targets)
    now = datetime.now(UTC)
    problems = [problem_of(target, observed, rules, now) for target in targets]
    return Checked(observed, problems, disk_notes(zip(targets, problems, strict=True), observed, rules, now))
