"""The table at the end of a run: problems first."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from cli.terminal.tables import new_table, shortened
from cli.verbosity import Verbosity
from fleet.report.outcome import GOOD, Outcome
from fleet.report.report import ReportedTarget
from fleet.report.summary import problems_first


def colour(outcome: Outcome) -> str:
    """Green is good, yellow was not sent, red is bad."""
    if outcome in (Outcome.UNMET, Outcome.EXPIRED, Outcome.NOT_TRIED):
        return "yellow"
    return "green" if outcome in GOOD else "red"


def outcome_table(targets: Sequence[ReportedTarget], verbosity: Verbosity = Verbosity.NORMAL) -> Table:
    """Show the outcome of every target; of a large fleet only the problems."""
    shown, caption = shortened(problems_first(targets), lambda target: target.outcome not in GOOD, verbosity)
    table = new_table("outcome", "server", "application", "", caption=caption)
    for target in shown:
        table.add_row(
            Text(target.outcome.words, style=colour(target.outcome)),
            Text(target.server),
            Text(target.application if target.type == "application" else f"{target.application} ({target.type})"),
            Text(target.reason or _history(target), style="" if target.reason else "dim"),
        )
    return table


def _history(target: ReportedTarget) -> str:
    """For example `backup 322, sent 4 times, 6.9 s`."""
    words = [f"backup {target.backup_id}"] if target.backup_id else []
    if target.attempts > 1:
        words.append(f"sent {target.attempts} times")
    if target.attempts:
        words.append(f"{target.seconds:.1f} s")
    return ", ".join(words)
