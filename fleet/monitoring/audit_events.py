"""The event of an audit for Prefect's automations (see `fleet.monitoring.events`). Nothing is sent here."""

from typing import Any, Final

from fleet.audit.finding import WELL
from fleet.audit.report import AuditReport
from fleet.audit.summary import line
from fleet.monitoring.events import PREFIX, Ending, FleetEvent, fleet_resource

_MOST: Final = 20
"""Problems listed; all are counted."""
_LONGEST: Final = 500
"""Characters of a verdict or a line."""


def of_audit(fleet: str, ending: Ending, text: str, report: AuditReport | None) -> FleetEvent:
    """The event of an audit that ended; without a report (crashed, refused) it has only the text."""
    payload: dict[str, Any] = {"verdict": text[:_LONGEST], "digest": text[:_LONGEST]}
    if report:
        problems = [line(target)[:_LONGEST] for target in report.targets if target.status not in WELL]
        payload |= {
            "digest": "\n".join([text[:_LONGEST], *problems[:_MOST]]),
            "exit_code": report.exit_code,
            "requests": report.requests.total,
            "totals": {str(status): count for status, count in report.totals.items()},
            "problems": len(problems),
        }
    return FleetEvent(f"{PREFIX}.audit.{ending}", fleet_resource(fleet), payload)
