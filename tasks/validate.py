"""Task: read and validate what a run is about, from a fleet file or from a form."""

from collections.abc import Awaitable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed

from fleet.fleet_file.prefect_form import BackupForm, inventory_of
from fleet.inventory.inventory import Inventory
from fleet.selection.loading import load_inventory
from tasks.run.mistakes import MISTAKES, refused

Loaded = tuple[Inventory, str | None]
"""What the run is about, and the run key of the earlier run that it continues, if it does."""


# A mistake is the task's state and not raised: Prefect would log a traceback.
@task(name="validate", task_run_name="validate the fleet file", cache_policy=NO_CACHE, persist_result=False)
async def validate_fleet_file(
    fleet_file: Path, limit: list[str], failed_from: str, ledger_url: str, fleet: str
) -> State[Any]:
    """Read and validate a fleet file, and select from it (`fleet.selection.loading.load_inventory`).

    Returns:
        Completed with what was `Loaded`; failed with every mistake of the file, or because a pattern names no server,
        nothing is left to do, or the last run is asked for and the ledger cannot be read.
    """
    return await _stated(load_inventory(fleet_file, limit, datetime.now(UTC), failed_from or None, ledger_url, fleet))


@task(name="validate", task_run_name="validate the form", cache_policy=NO_CACHE, persist_result=False)
async def validate_form(organization: int, server: int, backup: BackupForm) -> State[Any]:
    """Validate the form of one backup.

    Returns:
        Completed with what was `Loaded`; failed with every mistake of the form.
    """

    async def load() -> Loaded:
        return inventory_of(organization, server, backup, datetime.now(UTC)), None

    return await _stated(load())


async def _stated(loading: Awaitable[Loaded]) -> State[Any]:
    try:
        inventory, run_key = await loading
    except MISTAKES as error:
        return refused(error)
    count = len(inventory.targets)
    rules = f" and {len(inventory.rules)} rules" if inventory.rules else ""
    return Completed(message=f"{count} {'target' if count == 1 else 'targets'}{rules}", data=(inventory, run_key))
