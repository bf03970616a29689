"""Waiting until the Prefect server has recorded a run: task runs reach it as events, after the flow has ended."""

import asyncio
from typing import Final
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import TERMINAL_STATES
from prefect.events.worker import EventsWorker
from prefect.logging.handlers import APILogHandler, APILogWorker

_PAUSE: Final = 0.3


async def until_logged() -> None:
    """Wait until the server has the log of this process."""
    await APILogHandler.aflush()


def drain(seconds: float = 5.0) -> None:
    """Send what Prefect's clients still hold, while there is a server: at exit they would wait a minute for it."""
    EventsWorker.drain_all(timeout=seconds)
    APILogWorker.drain_all(timeout=seconds)


async def until_recorded(flow_run_id: UUID, task_runs: int, seconds: float = 30.0) -> bool:
    """Wait until the server shows as many ended task runs of a flow run, and has its log.

    The run itself is over: a server that is slow, or gone, neither ends the command nor holds it up for ever.

    Args:
        flow_run_id: of the run.
        task_runs: how many ended task runs it has at least.
        seconds: to wait at most, and a hundredth more for each task run.

    Returns:
        Whether all are there.
    """
    ended = {"state": {"type": {"any_": sorted(state.value for state in TERMINAL_STATES)}}}
    question = {"flow_runs": {"id": {"any_": [str(flow_run_id)]}}, "task_runs": ended}
    try:
        async with asyncio.timeout(seconds + task_runs / 100):
            await until_logged()
            async with get_client() as client:
                while True:
                    answer = await client.request("POST", "/task_runs/count", json=question)
                    if int(answer.json()) >= task_runs:
                        return True
                    await asyncio.sleep(_PAUSE)
    except Exception:  # noqa: BLE001 - whatever Prefect's client raises, the backups are made and the report is told
        return False
