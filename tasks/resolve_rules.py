"""Task: resolve the rules of the fleet file against what the API shows now."""

from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed

from fleet.inventory.inventory import Inventory
from fleet.selection.living import resolve_rules
from fleet.serveravatar.errors import ApiUnusableError
from tasks.mistakes import MISTAKES, refused
from tasks.run_context import RunContext


@task(name="select", task_run_name="resolve {count} rules", cache_policy=NO_CACHE, persist_result=False)
async def resolve(count: int, context: RunContext, inventory: Inventory, allow_empty: bool) -> State[Any]:  # noqa: ARG001 - the first is for the name that Prefect's UI shows
    """Resolve the rules; a mistake and an unusable API are the task's state, not raised."""
    try:
        resolved = await resolve_rules(context.client.send, inventory, context.clock(), allow_empty=allow_empty)
    except (*MISTAKES, ApiUnusableError) as error:
        return refused(error)
    return Completed(data=resolved)
