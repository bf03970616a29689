"""The work pool whose workers execute the runs."""

from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound


async def ensure_pool(name: str) -> str:
    """Create a work pool for processes, unless one of this name exists.

    Returns:
        What it is now: `created`, `exists`, or `exists, but is paused` with the command that resumes it.
    """
    async with get_client() as client:
        try:
            there = await client.read_work_pool(name)
        except ObjectNotFound:
            try:
                await client.create_work_pool(WorkPoolCreate(name=name, type="process"))
            except ObjectAlreadyExists:
                return "exists"
            return "created"
    return f"exists, but is paused; resume it: prefect work-pool resume '{name}'" if there.is_paused else "exists"
