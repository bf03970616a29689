"""Runs of several fleets that one run has started: how they stand, and how long they are waited for."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

START_SECONDS: Final = 15 * 60.0
"""How long nothing may happen while no run is under way and some wait: then there is no worker for them."""
LONGEST_SECONDS: Final = 24 * 3600.0


class Stage(StrEnum):
    """How far a run is."""

    WAITING = "waiting"
    RUNNING = "running"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class FleetRun:
    """The run of one fleet.

    Attributes:
        fleet: the fleet's name.
        stage: how far it is.
        state: the name of its state.
        message: of its state.
    """

    fleet: str
    stage: Stage
    state: str
    message: str = ""


class Patience:
    """Decides when runs that have not begun, or do not end, are no longer waited for.

    A run may wait for hours while others have the workers; that is no sign of trouble as long as something happens.
    """

    def __init__(self, now: float) -> None:
        """Begin.

        Args:
            now: seconds of a clock that only goes forward.
        """
        self._began = self._changed = now
        self._last: frozenset[FleetRun] = frozenset()

    def heard_nothing(self, now: float) -> None:
        """Note that the Prefect server did not answer: what happened meanwhile is not known."""
        self._changed = now

    def is_over(self, runs: Iterable[FleetRun], now: float) -> bool:
        """Whether what has not ended is no longer waited for."""
        seen = frozenset(runs)
        if seen != self._last:
            self._last, self._changed = seen, now
        if any(run.stage is Stage.RUNNING for run in seen):
            self._changed = now
        return now - self._changed >= START_SECONDS or now - self._began >= LONGEST_SECONDS
