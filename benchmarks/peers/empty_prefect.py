"""The engine's floor: as many empty Prefect tasks as the fleet has backups, awaited in one flow; no request is sent."""

import asyncio
import json
import os
from pathlib import Path

from prefect import flow, task

CONCURRENCY = int(os.environ["CONCURRENCY"])


@task
async def nothing(number: int) -> int:
    """Do nothing."""
    return number


@flow
async def empty_tasks(number: int) -> int:
    """Await as many empty tasks."""
    slots = asyncio.Semaphore(CONCURRENCY)

    async def one(place: int) -> int:
        async with slots:
            return await nothing(place)

    return len(await asyncio.gather(*(one(place) for place in range(number))))


if __name__ == "__main__":
    fleet = json.loads(Path("fleet.yaml").read_text("utf-8"))
    asyncio.run(empty_tasks(sum(len(server["backups"]) for server in fleet["servers"])))
