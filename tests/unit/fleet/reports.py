"""Reports for tests: whole and ordinary, but for what a test says of them."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from fleet.inventory.target import Target
from fleet.report.outcome import Outcome
from fleet.report.report import Report, ReportedTarget, Requests
from tests.unit.fleet.builders import instant, plan, target

MIDNIGHT = datetime(2026, 11, 23, tzinfo=UTC)


def row(number: int, server: int = 15, **changes: Any) -> ReportedTarget:
    """How a target ended: verified, unless a test says otherwise."""
    fields: dict[str, Any] = {
        "organization": 5,
        "server_id": server,
        "server": f"web-{server}",
        "application": f"site {number}",
        "application_id": 4000 + number,
        "database_id": 4223,
        "type": "application",
        "automatic_backup": False,
        "outcome": Outcome.VERIFIED,
        "reason": "",
        "backup_id": None,
        "attempts": 1,
        "seconds": 1.0,
    }
    return ReportedTarget(**(fields | changes))


def wanted(number: int, server: int = 15, *, automatic: bool = False, **changes: Any) -> Target:
    """The target that `row` tells of."""
    request = (plan if automatic else instant)(application_id=4000 + number, **changes)
    return target(request, server_id=server, server_name=None, place=f"{server}.{number}")


def report(*rows: ReportedTarget, hour: float = 0, **changes: Any) -> Report:
    """A run of a minute that ended so many hours after midnight."""
    ended = MIDNIGHT + timedelta(hours=hour)
    fields: dict[str, Any] = {
        "run_key": "nightly",
        "started_at": ended - timedelta(minutes=1),
        "ended_at": ended,
        "requests": Requests(total=9, by_call={"create backup": 2, "list servers": 7}),
        "totals": dict(Counter(each.outcome for each in rows)),
        "verdict": "as it is",
        "exit_code": 0,
        "targets": list(rows),
    }
    return Report(**(fields | changes))
