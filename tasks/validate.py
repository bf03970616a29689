"""Task: read and validate the fleet file, and select what this run is about."""

from datetime import UTC, datetime
from pathlib import Path

from prefect import task
from prefect.cache_policies import NO_CACHE

from fleet.inventory import Inventory
from fleet.loading import load_inventory


@task(name="validate", task_run_name="validate the fleet file", cache_policy=NO_CACHE, persist_result=False)
async def validate(
    fleet_file: Path, limit: list[str], failed_from: str | None, ledger_url: str
) -> tuple[Inventory, str | None]:
    """Read, validate and select; see `fleet.loading.load_inventory`."""
    return await load_inventory(fleet_file, limit, datetime.now(UTC), failed_from, ledger_url)
