"""Which targets need no list before their create: a recent good backup is better evidence than a list. Pure.

Every server has its turn once in a period, spread over the period by its id: from then on, its targets are observed in
full again. Source: docs/decisions/0030-trusted-targets.md.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from fleet.inventory.target import Target


@dataclass(frozen=True, slots=True)
class LastGood:
    """What is known of a target since its last good backup.

    Attributes:
        request: digest of what was asked for (`digest_of`).
        checked_at: when the run that has shown it good checked its targets; epoch seconds.
        size_mb: MB of its parts before packing; 0 if unknown.
        application: the application's name; empty if unknown.
        domain: the application's primary domain; empty if unknown.
        seconds: from its acceptance until it was seen complete; 0 if unknown.
    """

    request: str
    checked_at: float
    size_mb: float = 0.0
    application: str = ""
    domain: str = ""
    seconds: float = 0.0


def digest_of(target: Target) -> str:
    """Digest what a target asks for, to recognise a change of the fleet file."""
    body = json.dumps(target.request.body(), sort_keys=True, default=str)
    return hashlib.sha256(body.encode()).hexdigest()[:16]


def trusted(
    targets: Iterable[Target], known: Mapping[str, LastGood], now: float, period: timedelta
) -> dict[str, LastGood]:
    """Decide which targets are not looked up in the lists of applications, databases and storage providers.

    Only instant backups: the create of each night is what the API refuses if something is missing.

    Args:
        targets: of the run.
        known: what is known of them, by key without a run.
        now: epoch seconds.
        period: how long a good backup counts at most; none: no target is trusted.

    Returns:
        What is known of each trusted target, by its place.
    """
    if not period:
        return {}
    return {
        target.place: last
        for target in targets
        if not target.request.automatic_backup
        and (last := known.get(target.key(""))) is not None
        and last.request == digest_of(target)
        and turn_of(target, now, period) <= last.checked_at <= now
    }


def turn_of(target: Target, now: float, period: timedelta) -> float:
    """When a target's server had its last turn; epoch seconds, less than a period before `now`."""
    seconds = period.total_seconds()
    place = f"{target.organization}/{target.server_id}".encode()
    share = int.from_bytes(hashlib.sha256(place).digest()[:8]) / 2**64
    return now - (now - share * seconds) % seconds
