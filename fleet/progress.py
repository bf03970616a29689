"""How a run tells people how far it is: the flow speaks, whoever started it listens."""

from contextvars import ContextVar
from typing import Protocol

from fleet.outcome import Result
from fleet.report import Report


class Listener(Protocol):
    """Hears of the progress of a run."""

    def phase(self, name: str, total: int) -> None:
        """A phase begins: what is done, and over how many."""

    def acting(self) -> None:
        """A target's task begins; one that stands as an earlier run has left it has none."""

    def advance(self, result: Result | None = None) -> None:
        """One more of the phase is done; with its result where that is known."""

    def waiting(self, reason: str, seconds: float) -> None:
        """Nothing is sent for a while: for what, and how long."""

    def finished(self, report: Report) -> None:
        """The run is over."""


class Silence:
    """Hears nothing: a run that nobody watches on a terminal."""

    def phase(self, name: str, total: int) -> None:
        """Ignore it."""

    def acting(self) -> None:
        """Ignore it."""

    def advance(self, result: Result | None = None) -> None:
        """Ignore it."""

    def waiting(self, reason: str, seconds: float) -> None:
        """Ignore it."""

    def finished(self, report: Report) -> None:
        """Ignore it."""


listener: ContextVar[Listener] = ContextVar("listener", default=Silence())  # noqa: B039 - it keeps nothing
"""Who listens to the run that is started in this context."""
