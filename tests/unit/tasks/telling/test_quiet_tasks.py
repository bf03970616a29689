"""Prefect's log of tasks: problems only, and for the time of the creates only."""

import logging
from collections.abc import Iterator

import pytest

from tasks.telling.quiet_tasks import only_problems_of_tasks


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    logger = logging.getLogger("prefect.task_runs")
    before = logger.level
    yield logger
    logger.setLevel(before)


def test_lines_below_a_warning_are_left_out_and_come_back_afterwards(logger: logging.Logger) -> None:
    logger.setLevel(logging.INFO)
    with only_problems_of_tasks():
        assert (logger.isEnabledFor(logging.INFO), logger.isEnabledFor(logging.WARNING)) == (False, True)
    assert logger.isEnabledFor(logging.INFO)


@pytest.mark.parametrize("level", [logging.DEBUG, logging.ERROR])
def test_what_the_user_has_set_stays(logger: logging.Logger, level: int) -> None:
    logger.setLevel(level)
    with only_problems_of_tasks():
        assert logger.level == level
