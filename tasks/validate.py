"""Task: read and validate the fleet file, and select what this run is about."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed

from fleet.inventory.inventory import Inventory
from fleet.selection.loading import load_inventory
from tasks.mistakes import MISTAKES, refused, result_of

Loaded = tuple[Inventory, str | None]
"""What the run is about, and the run key of the earlier run that it continues, if it does."""


async def validated(fleet_file: Path, limit: list[str], failed_from: str | None, ledger_url: str) -> Loaded:
    """Read, validate and select, as a task run; see `fleet.selection.loading.load_inventory`.

    Raises:
        FleetFileError: with every mistake of the file.
        SelectionError: a pattern names no server, or nothing is left to do.
        LedgerError: the last run is asked for, and the ledger cannot be read.
    """
    return cast("Loaded", await result_of(validate(fleet_file, limit, failed_from, ledger_url, return_state=True)))


@task(name="validate", task_run_name="validate the fleet file", cache_policy=NO_CACHE, persist_result=False)
async def validate(fleet_file: Path, limit: list[str], failed_from: str | None, ledger_url: str) -> State[Any]:
    """Read, validate and select. A mistake is the task's state and not raised: Prefect would log a traceback."""
    try:
        loaded = await load_inventory(fleet_file, limit, datetime.now(UTC), failed_from, ledger_url)
    except MISTAKES as error:
        return refused(error)
    return Completed(data=loaded)
