"""Waits until the Prefect server has recorded a run: task runs arrive as events after the flow has ended."""

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
    """Send what Prefect's clients still hold while there is a server; at exit they would wait a minute for it."""
    EventsWorker.drain_all(timeout=seconds)
    APILogWorker.drain_all(timeout=seconds)


async def until_recorded(flow_run_id: UUID, task_runs: int, seconds: float = 30.0) -> bool:
    """Wait until the server shows that many ended task runs of a flow run, and has its log.

    The run itself is over: a slow or unreachable server neither fails the command nor blocks it.

    Args:
        flow_run_id: the flow run.
        task_runs: minimum number of ended task runs.
        seconds: maximum wait, plus a hundredth of a second for each task run.

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
    except Exception:  # noqa: BLE001 - whatever Prefect's client raises, backups and report are done
        return False
