"""`fleet-backup history`: the entries of the ledger."""

import asyncio
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Final

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from cli import log
from cli.errors import UsageProblem
from cli.output_format import Format
from cli.terminal.literal import literal
from cli.terminal.outcome_table import colour
from cli.terminal.printing import print_report
from cli.terminal.tables import NARROWEST, new_table, print_table
from fleet.ledger.history import Asked, read_history
from fleet.ledger.history_report import OPEN, History, HistoryEntry
from fleet.report.outcome import Outcome
from fleet.settings import settings as environment

_HEADERS: Final = ("when (UTC)", "outcome", "server", "application", "backup or reason")
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def show_history(
    server: str | None,
    outcome: str | None,
    run_key: str | None,
    since: str | None,
    form: Format,
    fleet: str | None = None,
) -> int:
    """Print the matching entries of the ledger on standard output.

    Raises:
        UsageProblem: an unknown outcome or an unreadable time.
        LedgerError: the ledger cannot be read.
    """
    if outcome is not None and outcome not in {*Outcome, OPEN}:
        raise UsageProblem(f"--outcome {outcome}: must be one of: {', '.join([*Outcome, OPEN])}")
    asked = Asked(server, outcome, run_key, read_since(since, datetime.now(UTC)) if since else None, fleet)
    found = asyncio.run(read_history(environment.load().ledger_url(), asked))
    if form is not Format.TABLE:
        print_report(History(entries=found), form, "entries")
    elif not found:
        log.write("No matching entries.")
    elif (console := Console(highlight=False)).is_terminal:
        _print_by_run(console, found)
    else:
        _print_all(console, found)
    return 0


def _print_by_run(console: Console, entries: Sequence[HistoryEntry]) -> None:
    """Print a table for each run, all with the same columns: a run key is too long for one of them."""
    lines = [_line(entry) for entry in entries]
    widths = _widths(lines, console.width)
    for run_key, run in groupby(zip(entries, lines, strict=True), lambda each: each[0].run_key):
        console.print(literal(f"run key {run_key}", "bold"))
        table = new_table(*_HEADERS)
        table.show_header = False
        for column, width in zip(table.columns, widths, strict=False):
            column.width = width
        for entry, line in run:
            table.add_row(line[0], Text(line[1], style=_style(entry)), *map(Text, line[2:]))
        print_table(console, table)


def _widths(lines: Sequence[tuple[str, ...]], terminal: int) -> list[int]:
    """Of the columns but the last, which keeps what a key needs; time and outcome are never broken, names may be."""
    when, outcome, server, application = (
        max(map(cell_len, cells)) for cells in zip(*(line[:-1] for line in lines), strict=True)
    )
    room = max(terminal - when - outcome - NARROWEST - len(_HEADERS) + 1, 2)
    server = min(server, max(room // 2, room - application))
    return [when, outcome, server, min(application, room - server)]


def _print_all(console: Console, entries: Sequence[HistoryEntry]) -> None:
    """Print one table with a line for each entry, for `grep` and its like: keys are whole, nothing is cut."""
    table = new_table(*_HEADERS[:-1], "run key", "key", _HEADERS[-1], whole={"run key", "key"})
    for entry in entries:
        *others, reason = _line(entry)
        table.add_row(*others, entry.run_key, entry.key, reason)
    print_table(console, table)


def _line(entry: HistoryEntry) -> tuple[str, str, str, str, str]:
    application = f"{entry.application} (plan)" if entry.automatic_backup else entry.application
    backup = f"backup {entry.backup_id}" if entry.backup_id else ""
    reason = ", ".join(part for part in (backup, entry.reason) if part)
    outcome = entry.outcome.replace("_", " ")
    return f"{entry.updated_at.astimezone(UTC):%Y-%m-%d %H:%MZ}", outcome, entry.server, application, reason


def _style(entry: HistoryEntry) -> str:
    return "yellow" if entry.outcome == OPEN else colour(Outcome(entry.outcome))


def read_since(text: str, now: datetime) -> datetime:
    """Read a time (ISO 8601, UTC unless it names a zone) or an age (`90m`, `36h`, `7d`, `2w`).

    Raises:
        UsageProblem: it is neither.
    """
    if span := re.fullmatch(r"(\d{1,5})([mhdw])", text.strip()):
        return now - timedelta(**{_UNITS[span.group(2)]: int(span.group(1))})
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise UsageProblem(f"--since {text}: must be a time such as 2026-11-23T01:00, or an age such as 36h") from None
    return time if time.tzinfo else time.replace(tzinfo=UTC)
