"""Task: resolve the rules of the fleet file against what the API shows now."""

from datetime import datetime
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed

from fleet.inventory.inventory import Inventory
from fleet.selection.living import resolve_rules
from fleet.serveravatar.errors import ApiUnusableError
from fleet.serveravatar.listing import Send
from tasks.run.mistakes import MISTAKES, refused


@task(name="select", task_run_name="resolve {count} rules", cache_policy=NO_CACHE, persist_result=False)
async def select(count: int, inventory: Inventory, send: Send, now: datetime, allow_empty: bool) -> State[Any]:  # noqa: ARG001 - Prefect's UI shows the count
    """Resolve the rules.

    Returns:
        Completed with a `Resolved`; failed with the mistake, or because the API cannot be used.
    """
    try:
        resolved = await resolve_rules(send, inventory, now, allow_empty=allow_empty)
    except (*MISTAKES, ApiUnusableError) as error:
        return refused(error)
    return Completed(message=f"{len(resolved.inventory.targets)} targets", data=resolved)
