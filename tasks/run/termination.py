"""SIGTERM ends a run, wherever it meets the process.

Prefect's handler raises `TerminationSignal` in whatever is being executed. Is that another task than the run's own, or
a callback, asyncio keeps the exception there, and the run would go on: `systemctl stop` would wait for it in vain.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from prefect.exceptions import TerminationSignal


@contextmanager
def termination_ends_this() -> Iterator[None]:
    """Cancel the current task as soon as a SIGTERM has ended another task, or a callback, of its event loop."""
    loop, this = asyncio.get_running_loop(), asyncio.current_task()
    make, handle = loop.get_task_factory(), loop.get_exception_handler()

    def end(error: BaseException | None) -> bool:
        is_termination = isinstance(error, TerminationSignal)
        if is_termination and this and not this.cancelling():
            this.cancel()
        return is_termination

    def ended(task: asyncio.Future[Any]) -> None:
        if not task.cancelled():
            end(task.exception())

    def make_watched(of: asyncio.AbstractEventLoop, work: Any, **options: Any) -> asyncio.Future[Any]:  # noqa: ANN401
        task = make(of, work, **options) if make else asyncio.Task(work, loop=of, **options)
        task.add_done_callback(ended)
        return task

    def handle_others(of: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if end(context.get("exception")):
            return
        if handle:
            handle(of, context)
        else:
            of.default_exception_handler(context)

    loop.set_task_factory(make_watched)
    loop.set_exception_handler(handle_others)
    try:
        yield
    finally:
        loop.set_task_factory(make)
        loop.set_exception_handler(handle)
