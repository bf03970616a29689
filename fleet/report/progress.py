"""How a run tells people how far it is: the flow speaks, whoever started it listens."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from fleet.report.outcome import Result
from fleet.report.report import Report
from fleet.report.waiting import Progress, Seldom, Wait, described
from fleet.serveravatar.rate_limit.rhythm import Rhythm


class Listener(Protocol):
    """Hears of the progress of a run."""

    def phase(self, name: str, total: int) -> None:
        """A phase begins: what is done, and over how many."""

    def acting(self) -> None:
        """A target's task begins; one that stands as an earlier run has left it has none."""

    def advance(self, result: Result | None = None) -> None:
        """One more of the phase is done; with its result where that is known."""

    def waiting(self, reason: str, seconds: float, rhythm: Rhythm | None = None, /) -> None:
        """Nothing is sent for a while: for what, how long, and of what rhythm the budget is when that is awaited."""

    def notice(self, line: str) -> None:
        """Something is known now that people want to read at once, such as what a rule found."""

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

    def waiting(self, reason: str, seconds: float, rhythm: Rhythm | None = None, /) -> None:
        """Ignore it."""

    def notice(self, line: str) -> None:
        """Ignore it."""

    def finished(self, report: Report) -> None:
        """Ignore it."""


class Narrator:
    """Passes on what it hears to another listener, and writes a line of a long wait now and then."""

    def __init__(
        self, listener: Listener, write: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Listen.

        Args:
            listener: hears all of it.
            write: is given the lines: the run's log.
            clock: seconds that only grow.
        """
        self._listener = listener
        self._write = write
        self._clock = clock
        self._progress = Progress("begin", 0, 0)
        self._seldom = Seldom()

    @property
    def progress(self) -> Progress:
        """How far the phase is that goes on."""
        return self._progress

    def phase(self, name: str, total: int) -> None:
        """A phase begins."""
        self._progress = Progress(name, total, 0)
        self._listener.phase(name, total)

    def acting(self) -> None:
        """A target's task begins."""
        self._listener.acting()

    def advance(self, result: Result | None = None) -> None:
        """One more is done."""
        self._progress = replace(self._progress, done=self._progress.done + 1)
        self._listener.advance(result)

    def waiting(self, reason: str, seconds: float, rhythm: Rhythm | None = None, /) -> None:
        """Nothing is sent for a while."""
        now = self._clock()
        wait = Wait(reason, now + seconds, rhythm)
        if self._seldom.is_worth_a_line(wait, now):
            self._write(described(wait, self._progress, now, datetime.now().astimezone()))
        self._listener.waiting(reason, seconds, rhythm)

    def notice(self, line: str) -> None:
        """Something is known now."""
        self._write(line)
        self._listener.notice(line)

    def finished(self, report: Report) -> None:
        """The run is over."""
        self._listener.finished(report)


listener: ContextVar[Listener] = ContextVar("listener", default=Silence())  # noqa: B039 - it keeps nothing
"""Who listens to the run that is started in this context."""


@contextmanager
def listening(to_it: Listener) -> Iterator[None]:
    """Let a listener hear what is done in this context."""
    token = listener.set(to_it)
    try:
        yield
    finally:
        listener.reset(token)
