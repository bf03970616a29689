"""Python's search for garbage in cycles, made in proportion to what a run allocates."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

ALLOCATIONS: Final = 10_000
"""Objects more than were freed, at which the youngest are searched; Python's own number is 700."""


@contextmanager
def searched_seldom() -> Iterator[None]:
    """Search seldom, in this process and for the time of the context.

    Each task run of Prefect allocates a few hundred objects that live as long as it does, so at Python's number the
    search runs all the time, finds next to nothing, and takes a tenth of a run's time (decision 11).
    """
    before = gc.get_threshold()
    gc.set_threshold(max(ALLOCATIONS, before[0]) if before[0] else 0, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
