"""`fleet-backup check`: no Prefect is needed to find out what is wrong."""

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path

from cli.terminal import Terminal
from fleet.inventory.inventory import Inventory
from fleet.ledger.budget.grants import SharedBudget
from fleet.ledger.learned.application_names import named_before
from fleet.observed.observation import observe
from fleet.observed.preconditions import disk_notes, problem_of
from fleet.report.outcome import Exit, Outcome, Result, decide
from fleet.report.report import reported
from fleet.selection.living import Resolved, resolve_rules
from fleet.selection.loading import load_inventory
from fleet.serveravatar.account import Account
from fleet.serveravatar.client import Client
from fleet.serveravatar.listing import Send
from fleet.settings import settings as environment


def check_fleet(fleet: Path, limit: tuple[str, ...], *, allow_empty: bool) -> int:
    """Check every precondition of a fleet; create nothing.

    Returns:
        The exit code: 0 when every target can be backed up, 3 when some cannot, 4 when none can.
    """
    settings = environment.load()
    loading = load_inventory(fleet, list(limit), datetime.now(UTC), None, settings.ledger_url())
    inventory, _ = asyncio.run(loading)
    account = settings.account()
    with Terminal() as terminal:
        resolved, results = asyncio.run(_check(account, inventory, settings, terminal, allow_empty=allow_empty))
    terminal.table([reported(result) for result in results])
    verdict = decide(results, unread=resolved.selection.unread_words)
    terminal.verdict(verdict.text, good=verdict.exit is Exit.DONE)
    return int(verdict.exit)


async def _check(
    account: Account, inventory: Inventory, settings: environment.Settings, terminal: Terminal, *, allow_empty: bool
) -> tuple[Resolved, list[Result]]:
    rules = settings.disk_rules()
    budget = SharedBudget(settings.ledger_url(), account, time.monotonic, terminal.say)
    async with Client(account, waiting=terminal.waiting, budget=budget) as client:
        resolved = await resolved_fleet(client.send, inventory, terminal, allow_empty=allow_empty)
        targets = resolved.inventory.targets
        observed = await observe(client.send, targets, rules, resolved.listed)
    observed = await named_before(settings.ledger_url(), observed, targets)
    now, results = datetime.now(UTC), []
    problems = [problem_of(target, observed, rules, now) for target in targets]
    for note in disk_notes(zip(targets, problems, strict=True), observed, rules, now):
        terminal.notice(note)
    for target, problem in zip(targets, problems, strict=True):
        names = observed.server_name(target), observed.application_name(target)
        results.append(Result(target, *names, Outcome.UNMET if problem else Outcome.PLANNED, problem or ""))
        terminal.advance()
    return resolved, results


async def resolved_fleet(send: Send, inventory: Inventory, terminal: Terminal, *, allow_empty: bool) -> Resolved:
    """Resolve the rules of a fleet, show what they found, and begin the checking phase; also of `plan`."""
    if inventory.rules:
        terminal.phase("select", len(inventory.rules))
    resolved = await resolve_rules(send, inventory, datetime.now(UTC), allow_empty=allow_empty)
    for _ in inventory.rules:
        terminal.advance()
    for line in resolved.selection.lines:
        terminal.notice(line)
    terminal.phase("check", len(resolved.inventory.targets))
    return resolved
