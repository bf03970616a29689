"""Task: read and validate the fleet file, and select what this run is about."""

from datetime import UTC, datetime
from pathlib import Path

from prefect import task
from prefect.cache_policies import NO_CACHE

from fleet.fleet_file import read
from fleet.inventory import Inventory
from fleet.resolution import resolve
from fleet.selection import select


@task(name="validate", task_run_name="validate the fleet file", cache_policy=NO_CACHE, persist_result=False)
async def validate(fleet_file: Path, limit: list[str]) -> Inventory:
    """Read, validate and select.

    Raises:
        FleetFileError: with every mistake of the file.
        SelectionError: a pattern of `limit` names no server.
    """
    return select(resolve(read(fleet_file), datetime.now(UTC), fleet_file.name), limit)
