"""The starting phase of several fleets: each fleet's own run, through its deployment, and never twice."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final
from uuid import UUID

from prefect import get_run_logger
from prefect.deployments import arun_deployment
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError

from fleet.schedules.together import LONGEST_SECONDS
from tasks.run.this_run import TOGETHER

PAUSE_SECONDS: Final = 10.0
_AGAIN: Final = (408, 429)
"""Refusals by the Prefect server that are none for ever."""
_SERVER_ERRORS: Final = 500
Started = dict[str, UUID | str]
"""By the fleet's name, the id of its flow run, or why there is none."""
Sleep = Callable[[float], Awaitable[None]]


async def start_fleets(fleets: Sequence[str], deployment: str, key: str, sleep: Sleep = asyncio.sleep) -> Started:
    """Start the run of each fleet; a Prefect server that is away is waited for.

    Args:
        fleets: their names.
        deployment: what to start, such as `nightly`; the deployment of a fleet is called `nightly-FLEET`.
        key: the idempotency key of the run that starts them: a retry, or a run that continues it, finds the same runs.
        sleep: waits.
    """
    until = time.monotonic() + LONGEST_SECONDS
    return {fleet: await _started(fleet, deployment, key, until, sleep) for fleet in dict.fromkeys(fleets)}


async def _started(fleet: str, deployment: str, key: str, until: float, sleep: Sleep) -> UUID | str:
    name = f"fleet_backup/{deployment}-{fleet}"
    problem = ""
    while time.monotonic() < until:
        try:
            return await _run(name, f"{key} {fleet}")
        except ObjectNotFound:
            return f"there is no deployment {name}; run `fleet-backup deploy` with the file that lists this fleet"
        except Exception as error:  # noqa: BLE001 - a server that is away comes back; what was started is found again
            if not problem:
                get_run_logger().warning("%s is not started yet: %s: %s", name, type(error).__name__, error)
            problem = f"not started: {type(error).__name__}: {error}"
            if _is_refused(error):
                break
        await sleep(PAUSE_SECONDS)
    return problem or "not started: the Prefect server does not respond"


async def _run(name: str, key: str) -> UUID:
    run = await arun_deployment(
        name, timeout=0, idempotency_key=key, flow_run_name=f"{name} · {TOGETHER}", tags=[TOGETHER]
    )
    return run.id


def _is_refused(error: Exception) -> bool:
    if not isinstance(error, PrefectHTTPStatusError):
        return False
    return error.response.status_code < _SERVER_ERRORS and error.response.status_code not in _AGAIN
