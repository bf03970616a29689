"""The events of a run for Prefect's automations: their names, resources and payloads. Nothing is sent here.

Names and resource ids are a contract with people's automations (docs/alarms.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from urllib.parse import quote

from fleet.monitoring.digest import News, named
from fleet.report.outcome import GOOD
from fleet.report.report import Report, ReportedTarget
from fleet.report.summary import problems_first

PREFIX: Final = "fleet-backup"
TOGETHER: Final = f"{PREFIX}.together"
"""The label that shows whether the run is one of several that one message is about; automations match it."""
MOST_TARGETS: Final = 20
"""Bad targets with a separate event; the fleet's event counts those left out."""
IN_A_ROW: Final = 3
"""Consecutive bad runs of a fleet from which each one has an event."""
_LONGEST: Final = 500
"""Characters of a verdict or reason in a payload."""
_LONGEST_DIGEST: Final = 5_000


class Ending(StrEnum):
    """How a run of a fleet ended, from its final state."""

    COMPLETED = "completed"
    WITH_WARNINGS = "with-warnings"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class FleetEvent:
    """One event.

    Attributes:
        name: `fleet-backup.fleet.failed` and the like.
        resource: Prefect's labels of what it is about.
        payload: small and without secrets.
    """

    name: str
    resource: dict[str, str]
    payload: dict[str, Any]


def of_fleet(fleet: str, ending: Ending, text: str, report: Report | None, digest: str = "") -> FleetEvent:
    """The event of a run that ended; if it crashed or was refused, there is no report and the event has only the text.

    Args:
        fleet: its name.
        ending: of the run.
        text: its verdict.
        report: of the run.
        digest: the message about the run; by default the verdict.
    """
    payload: dict[str, Any] = {"verdict": text[:_LONGEST], "digest": (digest or text)[:_LONGEST_DIGEST]}
    if report:
        bad = [target for target in report.targets if target.outcome not in GOOD]
        payload |= {
            "run_key": report.run_key,
            "exit_code": report.exit_code,
            "seconds": round((report.ended_at - report.started_at).total_seconds(), 1),
            "requests": report.requests.total,
            "totals": {str(outcome): count for outcome, count in report.totals.items()},
            "bad_targets": len(bad),
            "bad_targets_without_event": max(0, len(bad) - MOST_TARGETS),
        }
    return FleetEvent(f"{PREFIX}.fleet.{ending}", fleet_resource(fleet), payload)


def of_bad_targets(fleet: str, report: Report) -> list[FleetEvent]:
    """One event for each of the worst targets, at most `MOST_TARGETS`."""
    bad = [target for target in problems_first(report.targets) if target.outcome not in GOOD]
    return [_of_target(fleet, target, report.run_key) for target in bad[:MOST_TARGETS]]


def _of_target(fleet: str, target: ReportedTarget, run_key: str) -> FleetEvent:
    kind = "plan" if target.automatic_backup else "instant"
    place = target.organization, target.server_id, target.application_id, target.database_id or 0, target.type, kind
    resource = {
        "prefect.resource.id": f"{PREFIX}.target.{'.'.join(map(str, place))}",
        "prefect.resource.name": f"{target.server} · {target.application}",
        f"{PREFIX}.fleet": fleet,
        f"{PREFIX}.server": target.server,
        f"{PREFIX}.outcome": target.outcome,
    }
    payload = {"reason": target.reason[:_LONGEST], "attempts": target.attempts, "run_key": run_key}
    return FleetEvent(f"{PREFIX}.target.{target.outcome.replace('_', '-')}", resource, payload)


def of_bad_runs(fleet: str, endings: Sequence[Ending], text: str) -> FleetEvent | None:
    """The event of several consecutive bad runs.

    Args:
        fleet: its name.
        endings: of the fleet's runs, the newest first, including the one that has just ended.
        text: its verdict.

    Returns:
        None for fewer than `IN_A_ROW`.
    """
    runs = next((place for place, ending in enumerate(endings) if ending is Ending.COMPLETED), len(endings))
    if runs < IN_A_ROW:
        return None
    payload = {"bad_runs_in_a_row": runs, "verdict": text[:_LONGEST]}
    return FleetEvent(f"{PREFIX}.fleet.bad-runs-in-a-row", fleet_resource(fleet), payload)


def of_targets(fleet: str, news: News) -> list[FleetEvent]:
    """One event for all targets whose alarm is due with this run, and one for all that have recovered."""
    told = (("alarm", news.alarmed), ("recovered", news.recovered))
    return [
        FleetEvent(
            f"{PREFIX}.fleet.targets-{name}",
            fleet_resource(fleet),
            {"targets": len(targets), "digest": named(targets)[:_LONGEST_DIGEST]},
        )
        for name, targets in told
        if targets
    ]


def of_api_changes(fleet: str, changes: Sequence[str]) -> list[FleetEvent]:
    """The event of an API that behaves differently from before; none if it has not changed."""
    if not changes:
        return []
    payload = {"changes": "\n".join(changes)[:_LONGEST_DIGEST]}
    return [FleetEvent(f"{PREFIX}.fleet.api-changed", fleet_resource(fleet), payload)]


def fleet_resource(fleet: str) -> dict[str, str]:
    """The labels of a fleet; its id contains its name, percent-encoded."""
    identity = f"{PREFIX}.fleet.{quote(fleet, safe='')}"
    return {"prefect.resource.id": identity, "prefect.resource.name": fleet, TOGETHER: "no"}
