"""What `audit` shows: one table, problems first, then the verdict."""

from typing import Final

from rich.table import Table
from rich.text import Text

from cli.terminal.counting import counted
from cli.terminal.tables import new_table, shortened
from cli.terminal.terminal import Terminal
from cli.verbosity import Verbosity
from fleet.audit.finding import WELL, Status
from fleet.audit.report import AuditReport, label
from fleet.audit.summary import oldest_in_words

_COLOURS: Final = {Status.FINE: "green", Status.MUTED: "dim", Status.SHRUNK: "yellow", Status.STALE: "yellow"}


def show_audit(report: AuditReport, terminal: Terminal) -> None:
    """Show a report on standard error."""
    if report.targets:
        terminal.show(_table(report, terminal.verbosity))
    for change in report.api_changes:
        terminal.warn(f"the API has changed: {change}")
    for note in report.notes:
        terminal.say(f"note: {note}")
    terminal.verdict(report.verdict, good=report.exit_code == 0)
    if words := oldest_in_words(report):
        terminal.say(words)
    terminal.say(counted(report.requests.total, "request"))


def _table(report: AuditReport, verbosity: Verbosity) -> Table:
    shown, caption = shortened(report.targets, lambda target: target.status not in WELL, verbosity)
    table = new_table("status", "what", "", caption=caption)
    for target in shown:
        status = Text(target.status, style=_COLOURS.get(target.status, "red"))
        table.add_row(status, Text(label(target)), Text(target.reason, style="dim" if target.status in WELL else ""))
    return table
