"""The table at the end of a run: problems first."""

from collections.abc import Sequence
from typing import Final

from rich.table import Table
from rich.text import Text

from fleet.report.outcome import GOOD, Outcome
from fleet.report.report import ReportedTarget
from fleet.report.summary import problems_first

_LONGEST: Final = 60
"""Up to so many targets are all shown; of a larger fleet only so many problems are."""


def colour(outcome: Outcome) -> str:
    """Green is good, yellow was not sent, red is bad."""
    if outcome in (Outcome.UNMET, Outcome.EXPIRED, Outcome.NOT_TRIED):
        return "yellow"
    return "green" if outcome in GOOD else "red"


def outcome_table(targets: Sequence[ReportedTarget]) -> Table:
    """Show how every target ended; of a large fleet only the problems."""
    ordered = problems_first(targets)
    shown = ordered if len(ordered) <= _LONGEST else [it for it in ordered if it.outcome not in GOOD][:_LONGEST]
    left_out = len(ordered) - len(shown)
    caption = f"and {left_out} more in the report" if left_out else None
    table = Table(box=None, pad_edge=False, header_style="bold", caption=caption, caption_justify="left")
    for name in ("outcome", "server", "application"):
        table.add_column(name, no_wrap=True)
    table.add_column("", overflow="fold", ratio=1)
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
