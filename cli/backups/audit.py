"""`fleet-backup audit`: whether everything is backed up as expected; needs no Prefect."""

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from cli.backups.audit_table import show_audit
from cli.backups.report_file import check_writable, write_report
from cli.output_format import Format
from cli.terminal.printing import print_report
from cli.terminal.terminal import Terminal
from fleet.audit.auditing import audit
from fleet.audit.finding import Audit
from fleet.audit.noting import note_findings
from fleet.audit.report import build
from fleet.inventory.inventory import Inventory
from fleet.ledger.budget.grants import SharedBudget
from fleet.ledger.learned.audit_memory import LedgerMemory
from fleet.ledger.learned.dialects import LedgerDialects
from fleet.selection.loading import load_inventory
from fleet.serveravatar.client import Client
from fleet.settings import settings as environment
from fleet.settings.settings import Settings
from tasks.telling.status_page.write_page import write_page_or_warn


def audit_fleet(
    fleet: Path, limit: tuple[str, ...], report_file: Path | None, *, allow_empty: bool, form: Format
) -> int:
    """Audit a fleet, show the findings and write the report.

    Returns:
        The exit code: 0 when all is fine or muted, 7 when something is not, 6 when something could not be read.

    Raises:
        FleetFileError: with every mistake of the fleet file; nothing was sent.
        SelectionError: a pattern names no server, or a rule matches nothing.
        SettingsError: there is no usable token or another setting is wrong.
        OutputError: the report cannot be written.
    """
    now, settings = datetime.now(UTC), environment.load()
    inventory, _ = asyncio.run(load_inventory(fleet, list(limit), now, None, settings.ledger_url()))
    settings.account()
    check_writable(report_file)
    with Terminal() as terminal:
        found, calls = asyncio.run(_audit(fleet.stem, inventory, settings, now, terminal, allow_empty=allow_empty))
    report = build(fleet.stem, now, calls, found)
    show_audit(report, terminal)
    print_report(report, form, "targets")
    write_report(report, report_file)
    return report.exit_code


async def _audit(
    fleet: str, inventory: Inventory, settings: Settings, now: datetime, terminal: Terminal, *, allow_empty: bool
) -> tuple[Audit, Mapping[str, int]]:
    account, url = settings.account(), settings.ledger_url()
    budget = SharedBudget(url, account, time.monotonic, terminal.warn)
    memory = LedgerMemory(url, account.url, terminal.warn)
    dialects = LedgerDialects(url, account.url, terminal.warn)
    async with Client(account, waiting=terminal.waiting, budget=budget, heard=dialects.headers) as client:
        found = await audit(client.send, inventory, memory, now, terminal, allow_empty=allow_empty, dialects=dialects)
    await note_findings(url, fleet, now, found, terminal.warn)
    if settings.fleet_backup_page_folder:
        await write_page_or_warn(settings.fleet_backup_page_folder, url, terminal.warn)
    return found, client.calls
