"""The schedules of one deployment on the Prefect server: ours are as the file declares them, those of people stay.

Ours have a slug, which neither Prefect's UI nor its command line can set. Each is created, changed and removed by a
call of its own: in an update of the deployment Prefect never removes one whose slug is gone, and with one that was
added in the UI it deletes and recreates all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.objects import DeploymentSchedule

from deployments.schedule_entry import ScheduleEntry


@dataclass(frozen=True, slots=True)
class Schedules:
    """What the server will have.

    Attributes:
        wanted: those of the file, in its order, on or off as they will be.
        there: ours on the server now.
        added: a person's; they stay.
    """

    wanted: tuple[DeploymentScheduleCreate, ...]
    there: tuple[DeploymentSchedule, ...] = ()
    added: tuple[DeploymentSchedule, ...] = ()

    @property
    def removed(self) -> list[DeploymentSchedule]:
        """Ours on the server that the file no longer has."""
        kept = {each.slug for each in self.wanted}
        return [each for each in self.there if each.slug not in kept]

    @property
    def differ(self) -> bool:
        """Whether the server must be changed."""
        return {each.slug: _content(each) for each in self.wanted} != {each.slug: _content(each) for each in self.there}


def compared(entries: Sequence[ScheduleEntry], on_server: Sequence[DeploymentSchedule]) -> Schedules:
    """Compare the schedules of the file with those of the server.

    One that was turned on or off in the UI stays so, also under another slug, unless the file turns it on.
    """
    there = [each for each in on_server if each.slug is not None]
    slugs = {entry.slug for entry in entries}
    switched = {each.slug: each.active for each in there}
    renamed = {_when(each): each.active for each in there if each.slug not in slugs}
    return Schedules(
        wanted=tuple(_wanted(entry, switched, renamed) for entry in entries),
        there=tuple(there),
        added=tuple(each for each in on_server if each.slug is None),
    )


async def bring(client: PrefectClient, deployment: UUID, schedules: Schedules) -> None:
    """Make the server's schedules those of the file."""
    there = {each.slug: each for each in schedules.there}
    for each in schedules.wanted:
        now = there.get(each.slug)
        if now is None:
            await client.create_deployment_schedules(deployment, [each])
        elif _content(now) != _content(each):
            await client.update_deployment_schedule(
                deployment, now.id, active=each.active, schedule=each.schedule, parameters=each.parameters
            )
    for gone in schedules.removed:
        await client.delete_deployment_schedule(deployment, gone.id)


def _wanted(
    entry: ScheduleEntry, switched: Mapping[str | None, bool], renamed: Mapping[str, bool]
) -> DeploymentScheduleCreate:
    new = DeploymentScheduleCreate(schedule=entry.value(), slug=entry.slug, parameters=entry.parameters)
    as_new = renamed.get(_when(new), entry.active is None)
    new.active = entry.active or switched.get(entry.slug, as_new)
    return new


def _content(schedule: DeploymentSchedule | DeploymentScheduleCreate) -> dict[str, Any]:
    return schedule.model_dump(mode="json", include={"schedule", "active", "parameters"})


def _when(schedule: DeploymentSchedule | DeploymentScheduleCreate) -> str:
    return str(schedule.model_dump(mode="json", include={"schedule", "parameters"}))
