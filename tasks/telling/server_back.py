"""Lets a deployed run wait at its end for a Prefect server that is away.

Nobody waits for its process, and without the server neither its artifacts nor its state can be told: Prefect's engine
would exit with an error after some minutes, and its worker would mark the run as crashed.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from prefect import get_run_logger
from prefect.client.orchestration import get_client
from prefect.runtime import deployment

LONGEST_SECONDS: Final = 4 * 3600.0
PAUSE_SECONDS: Final = 5.0


async def server_is_back(sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
    """Return once the Prefect server responds; at once in a run without a deployment, and after four hours."""
    if deployment.id is None:
        return
    waited = 0.0
    async with get_client() as client:
        while waited < LONGEST_SECONDS and (problem := await client.api_healthcheck()) is not None:
            if not waited:
                get_run_logger().warning(
                    "the work is done; waiting for the Prefect server to report it (%s)", type(problem).__name__
                )
            await sleep(PAUSE_SECONDS)
            waited += PAUSE_SECONDS
