"""`fleet-backup check`: whether a fleet can be backed up; needs no Prefect."""

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path

from cli.backups.checking import Checked, checked_fleet
from cli.backups.resolving import resolved_fleet
from cli.output_format import Format
from cli.terminal.printing import print_report
from cli.terminal.terminal import Terminal
from fleet.inventory.inventory import Inventory
from fleet.ledger.budget.grants import SharedBudget
from fleet.report.check_report import CheckReport
from fleet.report.outcome import Exit, Outcome, Result, decide
from fleet.report.report import reported
from fleet.selection.living import Resolved
from fleet.selection.loading import load_inventory
from fleet.serveravatar.client import Client
from fleet.settings import settings as environment
from fleet.settings.settings import Settings


def check_fleet(fleet: Path, limit: tuple[str, ...], *, allow_empty: bool, form: Format) -> int:
    """Check every precondition of a fleet, and print the report if asked for; create nothing.

    Returns:
        The exit code: 0 when every target can be backed up, 3 when some cannot, 4 when none can.

    Raises:
        FleetFileError: with every mistake of the fleet file; nothing was sent.
        SelectionError: a pattern names no server, or a rule matches nothing.
        SettingsError: there is no usable token or another setting is wrong.
        ApiUnusableError: the API cannot be used: token, network, limit.
    """
    settings = environment.load()
    inventory, _ = asyncio.run(load_inventory(fleet, list(limit), datetime.now(UTC), None, settings.ledger_url()))
    with Terminal() as terminal:
        resolved, checked = asyncio.run(_check(inventory, settings, terminal, allow_empty=allow_empty))
        results = _results(resolved, checked, terminal)
    targets = [reported(result) for result in results]
    terminal.table(targets)
    verdict = decide(results, unread=resolved.selection.unread_words)
    terminal.verdict(verdict.text, good=verdict.exit is Exit.DONE)
    report = CheckReport(verdict=verdict.text, exit_code=int(verdict.exit), notes=list(checked.notes), targets=targets)
    print_report(report, form, "targets")
    return int(verdict.exit)


async def _check(
    inventory: Inventory, settings: Settings, terminal: Terminal, *, allow_empty: bool
) -> tuple[Resolved, Checked]:
    account = settings.account()
    budget = SharedBudget(settings.ledger_url(), account, time.monotonic, terminal.warn)
    async with Client(account, waiting=terminal.waiting, budget=budget) as client:
        resolved = await resolved_fleet(client.send, inventory, terminal, allow_empty=allow_empty)
        return resolved, await checked_fleet(client.send, resolved, settings)


def _results(resolved: Resolved, checked: Checked, terminal: Terminal) -> list[Result]:
    results, observed = [], checked.observed
    for note in checked.notes:
        terminal.notice(note)
    for target, problem in zip(resolved.inventory.targets, checked.problems, strict=True):
        names = observed.server_name(target), observed.application_name(target)
        results.append(Result(target, *names, Outcome.UNMET if problem else Outcome.PLANNED, problem or ""))
        terminal.advance()
    return results
