"""`fleet-backup audit`: whether everything is backed up, and as it should be; no Prefect is needed to find out."""

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click
from rich.table import Table
from rich.text import Text

from cli.runs.run import check_writable
from cli.terminal import Terminal
from fleet.audit.auditing import audit
from fleet.audit.finding import WELL, Audit, Status
from fleet.audit.report import AuditReport, build, label
from fleet.audit.summary import oldest_in_words
from fleet.inventory.inventory import Inventory
from fleet.ledger.budget.grants import SharedBudget
from fleet.ledger.dialects import LedgerDialects
from fleet.ledger.memory import LedgerMemory
from fleet.selection.loading import load_inventory
from fleet.serveravatar.account import Account
from fleet.serveravatar.client import Client
from fleet.settings import settings as environment

_LONGEST: Final = 60
"""Up to so many rows are all shown; of a larger fleet only so many problems are."""
_COLOURS: Final = {Status.FINE: "green", Status.MUTED: "dim", Status.SHRUNK: "yellow", Status.STALE: "yellow"}


def audit_fleet(
    fleet: Path, limit: tuple[str, ...], report_file: Path | None, *, allow_empty: bool, as_json: bool
) -> int:
    """Audit a fleet, show what was found, and write the report.

    Returns:
        The exit code: 0 when all is fine or muted, 7 when something is not, 6 when something could not be read.

    Raises:
        FleetFileError: with every mistake of the fleet file; nothing was sent.
        SelectionError: a pattern names no server, or a rule matches nothing.
        SettingsError: there is no usable token or another setting is wrong.
        OutputError: the report cannot be written where it was asked for.
    """
    now, settings = datetime.now(UTC), environment.load()
    inventory, _ = asyncio.run(load_inventory(fleet, list(limit), now, None, settings.ledger_url()))
    account = settings.account()
    if report_file is not None:
        check_writable(report_file)
    with Terminal() as terminal:
        auditing = _audit(inventory, account, settings.ledger_url(), now, terminal, allow_empty=allow_empty)
        found, calls = asyncio.run(auditing)
    report = build(fleet.stem, now, calls, found)
    _show(report, terminal)
    text = report.model_dump_json(indent=2)
    if report_file is not None:
        report_file.write_text(text + "\n", "utf-8")
    if as_json:
        click.echo(text)
    return report.exit_code


async def _audit(
    inventory: Inventory, account: Account, ledger_url: str, now: datetime, terminal: Terminal, *, allow_empty: bool
) -> tuple[Audit, Mapping[str, int]]:
    budget = SharedBudget(ledger_url, account, time.monotonic, terminal.say)
    memory = LedgerMemory(ledger_url, account.url, terminal.say)
    dialects = LedgerDialects(ledger_url, account.url, terminal.say)
    async with Client(account, waiting=terminal.waiting, budget=budget, heard=dialects.headers) as client:
        found = await audit(client.send, inventory, memory, now, terminal, allow_empty=allow_empty, dialects=dialects)
        return found, client.calls


def _show(report: AuditReport, terminal: Terminal) -> None:
    if report.targets:
        terminal.show(_table(report))
    for change in report.api_changes:
        terminal.say(f"warning: the API has changed: {change}")
    for note in report.notes:
        terminal.say(f"note: {note}")
    terminal.verdict(report.verdict, good=report.exit_code == 0)
    if words := oldest_in_words(report):
        terminal.say(words)
    terminal.say(f"{report.requests.total} requests")


def _table(report: AuditReport) -> Table:
    """Problems first; of a large fleet only these."""
    all_fit = len(report.targets) <= _LONGEST
    shown = report.targets if all_fit else [it for it in report.targets if it.status not in WELL][:_LONGEST]
    left_out = len(report.targets) - len(shown)
    caption = f"and {left_out} more in the report" if left_out else None
    table = Table(box=None, pad_edge=False, header_style="bold", caption=caption, caption_justify="left")
    table.add_column("status", no_wrap=True)
    table.add_column("what", no_wrap=True)
    table.add_column("", overflow="fold", ratio=1)
    for target in shown:
        status = Text(target.status, style=_COLOURS.get(target.status, "red"))
        table.add_row(status, Text(label(target)), Text(target.reason, style="dim" if target.status in WELL else ""))
    return table
