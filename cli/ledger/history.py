"""`fleet-backup history`: the entries of the ledger."""

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.errors import UsageProblem
from cli.terminal.outcome_table import colour
from cli.terminal.tables import new_table
from fleet.ledger.history import OPEN, Asked, read_history
from fleet.report.outcome import Outcome
from fleet.settings import settings as environment

_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def show_history(
    server: str | None, outcome: str | None, run_key: str | None, since: str | None, *, as_json: bool
) -> int:
    """Print the matching entries of the ledger on standard output, as a table or as JSON.

    Raises:
        UsageProblem: an unknown outcome or an unreadable time.
        LedgerError: the ledger cannot be read.
    """
    if outcome is not None and outcome not in {*Outcome, OPEN}:
        raise UsageProblem(f"--outcome {outcome}: must be one of: {', '.join([*Outcome, OPEN])}")
    asked = Asked(server, outcome, run_key, read_since(since, datetime.now(UTC)) if since else None)
    rows = asyncio.run(read_history(environment.load().ledger_url(), asked))
    if as_json:
        click.echo(json.dumps(rows, indent=2))
    elif rows:
        Console(highlight=False).print(_table(rows))
    else:
        click.echo("No matching entries.", err=True)
    return 0


def _table(rows: Sequence[Mapping[str, Any]]) -> Table:
    table = new_table("when (UTC)", "outcome", "server", "application", "backup", "run key", "reason")
    for row in rows:
        outcome = row["outcome"]
        style = "yellow" if outcome == OPEN else colour(Outcome(outcome))
        plan = " (plan)" if row["automatic_backup"] else ""
        table.add_row(
            row["updated_at"].replace("+00:00", "").replace("T", " "),
            Text(outcome.replace("_", " "), style=style),
            Text(row["server"]),
            Text(row["application"] + plan),
            str(row["backup_id"] or ""),
            Text(row["run_key"]),
            Text(row["reason"]),
        )
    return table


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
