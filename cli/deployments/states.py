"""When the deployments run, in words: the real state of their schedules on the server."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from deployments.registration.report import DeployedDeployment, DeployedSchedule
from deployments.schedules import in_words

if TYPE_CHECKING:
    from prefect.client.schemas.schedules import SCHEDULE_TYPES

    from deployments.registration.registration import Prepared, Registration


def runs_of(one: "Registration") -> str:
    """The schedules of a deployment: those of the file, then those that people added."""
    declared = zip(one.declared.schedules, one.schedules.wanted, strict=True)
    ours = [f"{entry.in_words()} ({entry.timezone}){_off(there.active)}" for entry, there in declared]
    added = [f"{_when(each.schedule)}, added in the UI{_off(each.active)}" for each in one.schedules.added]
    words = ", ".join([*ours, *added]) or ("when triggered" if one.declared.triggers else "manual")
    return f"paused in the UI: {words}" if one.paused else words


def deployed(one: "Registration") -> DeployedDeployment:
    """A deployment in the report: what became of it, and its schedules."""
    declared = zip(one.declared.schedules, one.schedules.wanted, strict=True)
    ours = [_schedule(entry.in_words(), entry.timezone, there.active) for entry, there in declared]
    added = [
        _schedule(in_words(each.schedule), _zone(each.schedule), each.active, added_in_ui=True)
        for each in one.schedules.added
    ]
    return DeployedDeployment(
        name=one.deployment.full_name,
        change=one.change,
        paused=one.paused,
        schedules=[*ours, *added],
        removed_schedules=[_when(gone.schedule) for gone in one.schedules.removed],
    )


def removals(prepared: "Prepared") -> Iterator[str]:
    """A line for each schedule that the file no longer has, and for each deployment that is not in the file."""
    for one in prepared.deployments:
        for gone in one.schedules.removed:
            yield f"{one.deployment.full_name}: schedule {gone.slug} removed, {_when(gone.schedule)}"
    for name in prepared.orphans:
        yield f"{name}: on the server, but no longer in the file; delete it: prefect deployment delete '{name}'"


def _when(schedule: "SCHEDULE_TYPES") -> str:
    return f"{in_words(schedule)} ({_zone(schedule)})"


def _zone(schedule: "SCHEDULE_TYPES") -> str:
    return getattr(schedule, "timezone", None) or "UTC"


def _schedule(words: str, zone: str, active: bool | None, *, added_in_ui: bool = False) -> DeployedSchedule:
    return DeployedSchedule(schedule=words, timezone=zone, active=active is not False, added_in_ui=added_in_ui)


def _off(active: bool) -> str:
    return "" if active else ": off"
