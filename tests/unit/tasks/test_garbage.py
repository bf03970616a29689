"""Python's search for garbage: seldom for the time of a run, and as it was afterwards."""

import gc
from collections.abc import Iterator

import pytest

from tasks.garbage import ALLOCATIONS, searched_seldom


@pytest.fixture(autouse=True)
def thresholds() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


def test_the_youngest_objects_are_searched_seldom_and_as_before_afterwards() -> None:
    gc.set_threshold(700, 10, 10)
    with searched_seldom():
        assert gc.get_threshold() == (ALLOCATIONS, 10, 10)
    assert gc.get_threshold() == (700, 10, 10)


def test_a_run_that_fails_leaves_it_as_it_was() -> None:
    gc.set_threshold(700, 10, 10)
    with pytest.raises(RuntimeError), searched_seldom():
        raise RuntimeError
    assert gc.get_threshold() == (700, 10, 10)


@pytest.mark.parametrize("threshold", [0, ALLOCATIONS * 5])
def test_who_has_it_searched_even_less_keeps_that(threshold: int) -> None:
    """0 means never."""
    gc.set_threshold(threshold, 10, 10)
    with searched_seldom():
        assert gc.get_threshold() == (threshold, 10, 10)
