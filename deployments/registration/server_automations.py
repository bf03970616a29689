"""The automations that Prefect makes of a deployment's triggers: whether the server's are those of the file."""

from collections.abc import Sequence
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.events import DeploymentEventTrigger
from prefect.events.schemas.automations import AutomationCore


async def triggers_differ(triggers: Sequence[DeploymentEventTrigger], deployment: UUID, client: PrefectClient) -> bool:
    """Whether one of the triggers is missing on the server, or is another there. Off or on is up to people.

    Automations of people that start the deployment as well are none of ours: they have other names.
    """
    if not triggers:
        return False
    there = await client.read_resource_related_automations(f"prefect.deployment.{deployment}")
    known = {each.name: _content(each) for each in there}
    for trigger in triggers:
        trigger.set_deployment_id(deployment)
        wanted = trigger.as_automation()
        if known.get(wanted.name) != _content(wanted):
            return True
    return False


def _content(automation: AutomationCore) -> dict[str, object]:
    return automation.model_dump(mode="json", include={"description", "trigger", "actions"})
