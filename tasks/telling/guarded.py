"""What follows the verdict of a run may fail: then it is a warning, and the verdict stands."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from prefect.logging.loggers import LoggingAdapter

from fleet.report.progress import listener

Done = TypeVar("Done")
Logger = logging.Logger | LoggingAdapter
LONGEST_SECONDS: Final = 15.0
"""Longest wait for one thing: for the events, for the metrics."""


async def guarded(
    problem: str, work: Coroutine[Any, Any, Done], logger: Logger, seconds: float = LONGEST_SECONDS
) -> Done | None:
    """Do something within this many seconds; a failure is a warning.

    Args:
        problem: what a failure means, for people.
        work: what to do.
        logger: of the run.
        seconds: how long it may take.

    Returns:
        What the work returned; None if it failed.
    """
    try:
        async with asyncio.timeout(seconds):
            return await work
    except TimeoutError:
        warn(f"{problem}: no response within {seconds:.0f} s", logger)
    except Exception as error:  # noqa: BLE001 - whatever it is, the run has ended and its verdict stands
        warn(f"{problem}: {type(error).__name__}: {error}", logger)
    return None


def warn(problem: str, logger: Logger) -> None:
    """Warn where people look: in the run's log, and on the terminal of a run that was started manually."""
    logger.warning("%s", problem)
    listener.get().notice(f"warning: {problem}")
