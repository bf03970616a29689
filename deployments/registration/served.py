"""What the Prefect server will start next: its deployments as they are, with what people changed in the UI."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterTags
from prefect.client.schemas.responses import DeploymentResponse

from deployments.declaration import TAG
from deployments.schedules import due, in_words
from fleet.schedules.upcoming import UpcomingRuns

_PAGE: Final = 200


async def served_runs(count: int, now: datetime) -> list[UpcomingRuns]:
    """Read our deployments from the server, by name, with the next runs of each schedule.

    Args:
        count: how many runs of each schedule.
        now: runs later than this.
    """
    async with get_client() as client:
        there = sorted([each async for each in our_deployments(client)], key=lambda each: each.name)
        return [runs for each in there for runs in await _upcoming(each, client, count, now)]


async def our_deployments(client: PrefectClient) -> AsyncIterator[DeploymentResponse]:
    """Every deployment with our tag; the server answers with no more than a page at once."""
    ours = DeploymentFilter(tags=DeploymentFilterTags(all_=[TAG]))
    for offset in range(0, 1_000_000, _PAGE):
        page = await client.read_deployments(deployment_filter=ours, limit=_PAGE, offset=offset)
        for each in page:
            yield each
        if len(page) < _PAGE:
            return


async def _upcoming(one: DeploymentResponse, client: PrefectClient, count: int, now: datetime) -> list[UpcomingRuns]:
    automations = await client.read_resource_related_automations(f"prefect.deployment.{one.id}")
    trigger = "; ".join(each.description or each.name for each in automations if each.enabled)
    found = []
    for each in one.schedules:
        zone = getattr(each.schedule, "timezone", None) or "UTC"
        moments = [moment for moment in await due(each.schedule, count + 1, now) if moment >= now]
        found.append(
            UpcomingRuns(
                deployment=one.name,
                trigger=trigger,
                schedule=in_words(each.schedule),
                timezone=zone,
                active=each.active and not one.paused,
                next_runs=[moment.astimezone(ZoneInfo(zone)) for moment in moments[:count]],
            )
        )
    return found or [UpcomingRuns.without_schedule(one.name, trigger)]
