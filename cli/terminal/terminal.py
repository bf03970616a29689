"""What people see of a run: a live bar, a line for each problem, a table at the end; all on standard error."""

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from types import TracebackType
from typing import Final, Self

from rich import progress as bars
from rich.console import Console
from rich.table import Table

from cli import log
from cli.terminal.counting import counted
from cli.terminal.literal import literal
from cli.terminal.outcome_table import colour, outcome_table
from cli.terminal.tables import print_table, records
from cli.terminal.waiting_column import WaitingColumn
from cli.verbosity import Verbosity, chosen
from fleet.report.outcome import GOOD, Exit, Outcome, Result
from fleet.report.report import Report, ReportedTarget
from fleet.report.summary import line, problems_first
from fleet.report.waiting import Progress, Seldom, Wait, described
from fleet.serveravatar.rate_limit.rhythm import Rhythm

_DOING: Final = {
    "select": "Resolving",
    "check": "Checking",
    "create": "Creating",
    "verify": "Verifying",
    "audit": "Auditing",
}
_A_WAIT: Final = 1.0
"""Seconds; what is shorter is no wait, even for those who want to see every one."""


class Terminal:
    """Listens to a run (`fleet.report.progress.Listener`) and shows it: live on a terminal, plain lines elsewhere."""

    def __init__(self, at_end: Callable[[Report], None] | None = None) -> None:
        """Prepare.

        Args:
            at_end: called with the report once the run is over, before the Prefect server gets it.
        """
        self.report: Report | None = None
        self.acted = 0
        self._at_end = at_end
        self.verbosity = chosen()
        self._console = Console(file=sys.stderr, highlight=False)
        self._bar = bars.Progress(
            bars.TextColumn("{task.description:<10}"),
            bars.BarColumn(bar_width=16),
            bars.MofNCompleteColumn(),
            bars.TimeElapsedColumn(),
            WaitingColumn(self.countdown),
            console=self._console,
            disable=not self._is_live,
        )
        self._task: bars.TaskID | None = None
        self._wait: Wait | None = None
        self._progress = Progress("", 0, 0)
        self._seldom = Seldom()

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end_phase(is_done=kind is None)
        self._bar.stop()

    @property
    def _is_live(self) -> bool:
        return self._console.is_terminal and self.verbosity is not Verbosity.QUIET and not log.is_json()

    def say(self, text: str) -> None:
        """Print a line for people, unless they want to see only what is wrong."""
        if self.verbosity is not Verbosity.QUIET:
            self._line(text)

    def warn(self, text: str) -> None:
        """Print a warning."""
        self._line(text if log.is_json() else f"warning: {text}", level="warning")

    def _line(self, text: str, style: str = "", level: log.Level = "info", **fields: object) -> None:
        """Print a line; where nobody looks on live it stays one, however long."""
        if log.is_json():
            log.write(text, level, **fields)
        else:
            self._console.print(literal(text, style), soft_wrap=not self._console.is_terminal)

    def table(self, targets: Sequence[ReportedTarget]) -> None:
        """Print the outcomes of the targets, problems first."""
        if log.is_json():
            for target in problems_first(targets):
                if self.verbosity is not Verbosity.QUIET or target.outcome not in GOOD:
                    self._ended(target)
        else:
            self.show(outcome_table(targets, self.verbosity))

    def _ended(self, target: Result | ReportedTarget) -> None:
        """Print how a target ended, in one line."""
        level: log.Level = "info" if target.outcome in GOOD else "error"
        fields = {"server": target.server, "application": target.application, "reason": target.reason}
        self._line(line(target), colour(target.outcome), level, outcome=target.outcome, **fields)

    def show(self, table: Table | None) -> None:
        """Print a table, if it has rows, with an empty line around it."""
        if log.is_json():
            for row in records(table) if table else ():
                log.write(": ".join(filter(None, row.values())), "info", **row)
            return
        if self.verbosity is not Verbosity.QUIET:
            self._console.print()
        if table and table.row_count:
            print_table(self._console, table)
            self._console.print()

    def verdict(self, text: str, *, good: bool) -> None:
        """Print the verdict; a good one is not for those who want to see only what is wrong."""
        if not (good and self.verbosity is Verbosity.QUIET):
            self._line(text, "bold green" if good else "bold", "info" if good else "error")

    def phase(self, name: str, total: int) -> None:
        """Start a new bar; the one before ends full."""
        self._end_phase(is_done=True)
        self._progress = Progress(name, total, 0)
        if self._is_live:
            self._task = self._bar.add_task(_DOING.get(name, name), total=total)
        else:
            self.say(f"{_DOING.get(name, name)} {counted(total, 'rule' if name == 'select' else 'target')} ...")

    def acting(self) -> None:
        """Count a task run: at the end the server must have recorded them all."""
        self.acted += 1

    def advance(self, result: Result | None = None) -> None:
        """Move the bar; print a failed create at once. What else has ended is shown on request, and in the table."""
        self._progress = replace(self._progress, done=self._progress.done + 1)
        if self._task is not None:
            self._bar.update(self._task, advance=1)
        if result and (self.verbosity is Verbosity.VERBOSE or result.outcome not in {*GOOD, Outcome.UNMET}):
            self._ended(result)

    def waiting(self, reason: str, seconds: float, rhythm: Rhythm | None = None, /) -> None:
        """Show what the run waits for: live beside the bar, or as an occasional line."""
        now = time.monotonic()
        self._wait = Wait(reason, now + seconds, rhythm)
        if self._task is None and self._is_worth_a_line(self._wait, now):
            self.say(self.forecast())

    def _is_worth_a_line(self, wait: Wait, now: float) -> bool:
        if self.verbosity is Verbosity.VERBOSE:
            return wait.until - now >= _A_WAIT
        return self._seldom.is_worth_a_line(wait, now)

    def forecast(self) -> str:
        """What the run waits for, until when, and how long it may take; empty when it is not waiting."""
        now = time.monotonic()
        if self._wait is None or now >= self._wait.until:
            return ""
        return described(self._wait, self._progress, now, datetime.now().astimezone())

    def countdown(self) -> str:
        """The same without the progress, which the bar shows."""
        return self.forecast().removeprefix(f"{self._progress.done:,} of {self._progress.total:,}, ")

    def notice(self, line: str) -> None:
        """Print a line at once."""
        if line.startswith("warning: "):
            self.warn(line.removeprefix("warning: "))
        else:
            self.say(line)

    def finished(self, report: Report) -> None:
        """End the bars, and hand the report on."""
        self.report = report
        self._end_phase(is_done=report.exit_code != Exit.INTERRUPTED)
        self._bar.stop()
        if self._at_end:
            self._at_end(report)

    def _end_phase(self, *, is_done: bool) -> None:
        """End the bar; full, whatever was left out, unless the phase was cut off or its brakes left creates unsent."""
        self._wait = None
        if self._task is not None:
            if is_done and self._progress.phase != "create":
                self._bar.update(self._task, completed=self._progress.total)
            self._bar.stop_task(self._task)
            self._task = None
