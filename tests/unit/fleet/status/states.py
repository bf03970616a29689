"""Targets as the ledger shows them to the page."""

from typing import Any, Final

from fleet.ledger.days.reading import TargetState
from fleet.status.row import Row, arranged

HOUR: Final = 3600.0
NOW: Final = 1_764_000_000.0
ACCEPTED_AT: Final = NOW - 8 * HOUR
AUDITED_AT: Final = NOW - 2 * HOUR


def state(number: int = 1, **changes: Any) -> TargetState:
    """A target that was verified eight hours ago, and fine in the audit two hours ago."""
    fields: dict[str, Any] = {
        "key": f"{number:016x}",
        "fleet": "agency",
        "organization": 5,
        "server_id": 15,
        "server": "web-15",
        "application_id": 4000 + number,
        "application": f"site {number}",
        "domain": f"site-{number}.example.org",
        "database_id": None,
        "database": "",
        "type": "application",
        "automatic": False,
        "max_age": 26 * HOUR,
        "outcome": "verified",
        "outcome_at": ACCEPTED_AT + 60,
        "outcome_reason": None,
        "status": "fine",
        "status_at": AUDITED_AT,
        "status_reason": None,
        "good_at": ACCEPTED_AT,
        "good_mb": 5.4,
    }
    return TargetState(**(fields | changes))


def row(**changes: Any) -> Row:
    (made,) = arranged([state(**changes)], NOW)
    return made
