"""`fleet-backup history`: the entries of the ledger."""

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any, Final

import click
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from cli.errors import UsageProblem
from cli.terminal.literal import literal
from cli.terminal.outcome_table import colour
from cli.terminal.tables import WIDEST, new_table
from fleet.ledger.history import OPEN, Asked, read_history
from fleet.report.outcome import Outcome
from fleet.settings import settings as environment

_HEADERS: Final = ("when (UTC)", "outcome", "server", "application", "backup or reason")
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def show_history(
    server: str | None,
    outcome: str | None,
    run_key: str | None,
    since: str | None,
    *,
    as_json: bool,
    fleet: str | None = None,
) -> int:
    """Print the matching entries of the ledger on standard output, as a table or as JSON.

    Raises:
        UsageProblem: an unknown outcome or an unreadable time.
        LedgerError: the ledger cannot be read.
    """
    if outcome is not None and outcome not in {*Outcome, OPEN}:
        raise UsageProblem(f"--outcome {outcome}: must be one of: {', '.join([*Outcome, OPEN])}")
    asked = Asked(server, outcome, run_key, read_since(since, datetime.now(UTC)) if since else None, fleet)
    rows = asyncio.run(read_history(environment.load().ledger_url(), asked))
    if as_json:
        click.echo(json.dumps(rows, indent=2))
    elif rows:
        _print(rows)
    else:
        click.echo("No matching entries.", err=True)
    return 0


def _print(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print a table for each run, all with the same columns: a run key is too long for one of them."""
    console = Console(highlight=False)
    lines = [_line(row) for row in rows]
    widths = [min(WIDEST, max(map(cell_len, cells))) for cells in zip(*(line[:-1] for line in lines), strict=True)]
    for run_key, run in groupby(zip(rows, lines, strict=True), lambda each: each[0]["run_key"]):
        console.print(literal(f"run key {run_key}", "bold"))
        table = new_table(*_HEADERS)
        table.show_header = False
        for column, width in zip(table.columns, widths, strict=False):
            column.min_width = width
        for row, line in run:
            table.add_row(line[0], Text(line[1], style=_style(row)), *map(Text, line[2:]))
        console.print(table)


def _line(row: Mapping[str, Any]) -> tuple[str, str, str, str, str]:
    when = datetime.fromisoformat(row["updated_at"]).astimezone(UTC)
    application = f"{row['application']} (plan)" if row["automatic_backup"] else row["application"]
    backup = f"backup {row['backup_id']}" if row["backup_id"] else ""
    reason = ", ".join(part for part in (backup, row["reason"]) if part)
    return f"{when:%Y-%m-%d %H:%MZ}", row["outcome"].replace("_", " "), row["server"], application, reason


def _style(row: Mapping[str, Any]) -> str:
    return "yellow" if row["outcome"] == OPEN else colour(Outcome(row["outcome"]))


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
