"""What is sought, rows that may be it, and how a run settles which are."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from fleet.inventory.target import Target
from fleet.proof.matching import Grounds
from fleet.proof.placement import proposed_claims
from fleet.proof.recognition import Recognition
from fleet.proof.sought import Mark, Sought
from fleet.serveravatar.models import Backup
from tests.unit.fleet.builders import backup, instant, plan, target

KEY, OTHER = "00000000deadbeef", "0000000cafebabe0"

MARK = Mark(100, 40, exact=True)

INSTANT, PLANNED = target(instant()), target(plan())

SENT = datetime(2026, 11, 28, 3, tzinfo=UTC)

OURS: dict[str, Any] = {
    "organization_id": 5,
    "server_id": 15,
    "application_id": 4246,
    "database_id": 4223,
    "cloud_storage_provider_id": 10,
    "created_at": "2026-11-28 03:00:01",
}

SHOWN = Grounds(names_shown=True)


def row(number: int, name: str | None = None, **changes: Any) -> Backup:
    """A row of what the builder's targets ask for; its plan's id is 41 unless told otherwise."""
    return backup(number, name, **{**OURS, "backup_config_id": 41, **changes})


def of(key: str = KEY, wanted: Target = INSTANT, since: Mark = MARK, **changes: Any) -> Sought:
    return replace(Sought(key, wanted, since, SENT.timestamp()), **changes)


def settled(recognition: Recognition, rows: Iterable[Backup], claims: dict[int, str] | None = None) -> Recognition:
    """Take the rows, and claim in what all share, as `Ownership` does: who claims a row first has it."""
    claims = {} if claims is None else claims
    for each in rows:
        recognition.take(each)
    while proposed := proposed_claims(recognition):
        claims |= {number: key for number, key in proposed.items() if number not in claims}
        recognition.claim({number: claims[number] for number in proposed})
    return recognition


def ids(rows: Mapping[str, list[Backup]]) -> dict[str, list[int]]:
    return {key: [each.id for each in some] for key, some in rows.items()}


def is_recognised(backup: Backup, wanted: Target = INSTANT, since: Mark = MARK, **grounds: Any) -> bool:
    found = settled(Recognition([of(wanted=wanted, since=since)], Grounds(**grounds)), [backup]).found
    assert list(found) in ([], [KEY])
    return bool(found)
