"""When the deployments run, in words: the real state of their schedules on the server."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

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


def removals(prepared: "Prepared") -> Iterator[str]:
    """A line for each schedule that the file no longer has, and for each deployment that is not in the file."""
    for one in prepared.deployments:
        for gone in one.schedules.removed:
            yield f"{one.deployment.full_name}: schedule {gone.slug} removed, {_when(gone.schedule)}"
    for name in prepared.orphans:
        yield f"{name}: on the server, but no longer in the file; delete it: prefect deployment delete '{name}'"


def _when(schedule: "SCHEDULE_TYPES") -> str:
    return f"{in_words(schedule)} ({getattr(schedule, 'timezone', None) or 'UTC'})"


def _off(active: bool) -> str:
    return "" if active else ": off"
