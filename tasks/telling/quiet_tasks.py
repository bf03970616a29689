"""Prefect's log kept in proportion: a line for each problem, none for each target that went well."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from prefect.logging import get_logger


@contextmanager
def only_problems_of_tasks() -> Iterator[None]:
    """Leave out the lines of task runs below a warning, in this process and for the time of the context.

    "Finished in state Completed()" costs a fifth of a task's time and says what its state says. Who has asked Prefect
    for debugging gets everything.
    """
    logger = get_logger("prefect.task_runs")
    before = logger.level
    if logger.getEffectiveLevel() == logging.INFO:
        logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(before)
