"""What people see of a run: a live bar, one line a problem, a table at the end; all on standard error."""

import sys
from collections.abc import Sequence
from types import TracebackType
from typing import Final, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from cli.table import colour, outcome_table
from fleet.outcome import GOOD, Outcome, Result
from fleet.report import Report, ReportedTarget

_DOING: Final = {"check": "Checking", "create": "Creating", "verify": "Verifying"}


class Terminal:
    """Listens to a run (`fleet.progress.Listener`) and shows it: live on a terminal, plain lines elsewhere."""

    def __init__(self) -> None:
        self.report: Report | None = None
        self.acted = 0
        self._console = Console(file=sys.stderr, highlight=False)
        self._bar = Progress(
            TextColumn("{task.description:<10}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[note]}"),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end_phase()
        self._bar.stop()

    def say(self, text: str) -> None:
        """Print a line for people."""
        self._console.print(Text(text))

    def table(self, targets: Sequence[ReportedTarget]) -> None:
        """Print how the targets ended, problems first."""
        self._console.print()
        self._console.print(outcome_table(targets))
        self._console.print()

    def verdict(self, text: str, *, good: bool) -> None:
        """Print what it all means."""
        self._console.print(Text(text, style="bold green" if good else "bold"))

    def phase(self, name: str, total: int) -> None:
        """Begin a new bar."""
        self._end_phase()
        if self._console.is_terminal:
            self._task = self._bar.add_task(_DOING.get(name, name), total=total, note="")
        else:
            self.say(f"{_DOING.get(name, name)} {total} {'target' if total == 1 else 'targets'} ...")

    def acting(self) -> None:
        """Count the tasks, to know later whether the server has recorded all of them."""
        self.acted += 1

    def advance(self, result: Result | None = None) -> None:
        """Move the bar; a create that failed gets a line at once, the broken preconditions only the table's."""
        if self._task is not None:
            self._bar.update(self._task, advance=1, note="")
        if result and result.outcome not in GOOD and result.outcome is not Outcome.UNMET:
            self._console.print(Text(_line(result), style=colour(result.outcome)))

    def waiting(self, reason: str, seconds: float) -> None:
        """Say what the run waits for, beside the bar."""
        if self._task is not None:
            self._bar.update(self._task, note=f"waiting {seconds:.0f} s: {reason}"[: self._console.width - 62])

    def finished(self, report: Report) -> None:
        """Keep the report for the end."""
        self.report = report

    def _end_phase(self) -> None:
        if self._task is not None:
            self._bar.update(self._task, note="")
            self._bar.stop_task(self._task)
            self._task = None


def _line(result: Result) -> str:
    return f"{result.server} · {result.application}: {result.outcome.replace('_', ' ')}: {result.reason}"
