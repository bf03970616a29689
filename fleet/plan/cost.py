"""What a run would cost: requests, and the time the account's budget makes it take."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from fleet.creation.intent import Action, Intent
from fleet.inventory.target import Target
from fleet.report.least_requests import BACKUPS_A_PAGE
from fleet.report.waiting import seconds_left
from fleet.serveravatar.rate_limit.rhythm import Rhythm
from fleet.serveravatar.wire import Call


@dataclass(frozen=True, slots=True)
class Cost:
    """An estimate.

    Attributes:
        requests: in total.
        seconds: until the last one can be sent, if the run started now.
        windows: most windows of the budget that it takes.
    """

    requests: int
    seconds: float
    windows: int


def checking_of(calls: Mapping[str, int], targets: Iterable[Target], trusted: Container[str]) -> int:
    """Estimate the requests of a run's check from a check that looked everything up.

    Args:
        calls: its requests, by call.
        targets: of the run.
        trusted: the places of those that the run does not look up (`fleet.observed.trust`).
    """
    lookups = sum(calls.get(call, 0) for call in (Call.LIST_APPLICATIONS, Call.LIST_DATABASES, Call.LIST_PROVIDERS))
    servers = {(target.organization, target.server_id) for target in targets if target.place not in trusted}
    # The lists of applications and of databases of each, and the storage providers of each organization.
    still = 2 * len(servers) + len({organization for organization, _ in servers})
    return sum(calls.values()) - lookups + min(lookups, still)


def requests_of(intents: Sequence[Intent], checking: int, looking: int) -> int:
    """Estimate the requests of a run (docs/decisions/0010-fewest-requests.md).

    Args:
        intents: what it would do.
        checking: requests of its check.
        looking: pages of the backup list that it reads for what is in doubt.
    """
    sent = [intent for intent in intents if intent.action in (Action.CREATE, Action.UPDATE)]
    marks = _organizations(intent for intent in intents if intent.action is not Action.REFUSE)
    proven = [intent for intent in intents if _is_proven(intent)]
    proofs = max(_organizations(proven), ceil(len(proven) / BACKUPS_A_PAGE))
    return checking + marks + looking + len(sent) + proofs


def _organizations(intents: Iterable[Intent]) -> int:
    return len({intent.target.organization for intent in intents})


def _is_proven(intent: Intent) -> bool:
    """Whether the run watches the backup until it is complete; one proven by an earlier run is checked again."""
    request = intent.target.request
    if intent.action in (Action.CREATE, Action.ADOPT):
        return request.starts_now
    return intent.action is Action.NOTHING and not request.automatic_backup


def cost_of(requests: int, rhythm: Rhythm, used: int) -> Cost:
    """Estimate how long a run that starts now takes because of the budget.

    Args:
        requests: those it sends.
        rhythm: of the budget.
        used: requests already used in this window.
    """
    room = max(0, rhythm.allowance - used)
    seconds = seconds_left(requests, 1.0, rhythm, rhythm.window, room)
    return Cost(requests, seconds, 1 + ceil(max(0, requests - room) / rhythm.allowance))
