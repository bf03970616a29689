"""What a run would cost: requests, and the time the account's budget makes it take."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil

from fleet.creation.intent import Action, Intent
from fleet.report.least_requests import BACKUPS_A_PAGE
from fleet.report.waiting import seconds_left
from fleet.serveravatar.rate_limit.rhythm import Rhythm


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
