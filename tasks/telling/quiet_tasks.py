"""Keeps Prefect's log short: a line for each problem, none for each target that succeeded."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from prefect.logging import get_logger


@contextmanager
def only_problems_of_tasks() -> Iterator[None]:
    """Drop the log lines of task runs below a warning, in this process and while the context lasts.

    "Finished in state Completed()" repeats what the state of the task run shows. With Prefect's log level at DEBUG
    everything is logged.
    """
    logger = get_logger("prefect.task_runs")
    before = logger.level
    if logger.getEffectiveLevel() == logging.INFO:
        logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(before)
