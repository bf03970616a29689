"""Reports on the terminal what Prefect's runner only logs: a run that could not start, or whose process died."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import LogFilter, LogFilterFlowRunId, LogFilterLevel
from prefect.client.schemas.sorting import LogSort

from fleet.serveravatar.text import one_line

_RUNNER: Final = "prefect.runner"
_WAIT_SECONDS: Final = 30.0


class Troubles(logging.Handler):
    """A handler of the runner's log: a line for each error, with the reason that the run's own log gives."""

    def __init__(self, say: Callable[[str], None]) -> None:
        super().__init__(logging.ERROR)
        self._say = say
        self._loop = asyncio.get_running_loop()
        self._telling: set[asyncio.Task[None]] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Report an error of the runner."""
        text, run = in_a_line(record), getattr(record, "flow_run_id", None)
        if not isinstance(run, UUID):
            self._loop.call_soon_threadsafe(self._say, text)
            return
        self._loop.call_soon_threadsafe(self._start, text, run)

    def _start(self, text: str, run: UUID) -> None:
        task = self._loop.create_task(self._tell(text, run))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _tell(self, text: str, run: UUID) -> None:
        try:
            async with asyncio.timeout(_WAIT_SECONDS):
                name, reason = await _name_and_reason(run)
        except Exception:  # noqa: BLE001 - without its server the death is still reported
            name, reason = str(run), "the Prefect server does not show its log"
        self._say(f"Run {name}: {reason}. {text}")


def in_a_line(record: logging.LogRecord) -> str:
    """The message of a record, and its exception, in one line."""
    error = record.exc_info[1] if record.exc_info else None
    text = record.getMessage() if error is None else f"{record.getMessage()} ({type(error).__name__}: {error})"
    return one_line(text)


async def _name_and_reason(run: UUID) -> tuple[str, str]:
    of_run = LogFilter(flow_run_id=LogFilterFlowRunId(any_=[run]), level=LogFilterLevel(ge_=logging.ERROR))
    async with get_client() as client:
        flow_run = await client.read_flow_run(run)
        logs = await client.read_logs(of_run, limit=1, sort=LogSort.TIMESTAMP_DESC)
    reason = logs[0].message.strip().splitlines()[-1] if logs else "it logged no error"
    return flow_run.name, one_line(reason)


@contextmanager
def reported(say: Callable[[str], None]) -> Iterator[None]:
    """Report the runner's errors for the time of the context."""
    logger, troubles = logging.getLogger(_RUNNER), Troubles(say)
    logger.addHandler(troubles)
    try:
        yield
    finally:
        logger.removeHandler(troubles)
