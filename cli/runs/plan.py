"""`fleet-backup plan`: what a run would do, and what has drifted; no Prefect is needed, and nothing is changed."""

import asyncio
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import click

from cli.runs.check import resolved_fleet
from cli.runs.preview_table import closing_lines, preview_table
from cli.terminal import Terminal
from fleet.backup_list.backup_list import BackupList
from fleet.backup_list.ownership import Ownership
from fleet.creation.intent import Asked, Intent
from fleet.creation.resending import plans_to_resend
from fleet.dialect.learner import Learner
from fleet.inventory.inventory import Inventory
from fleet.inventory.target import Target
from fleet.ledger.budget.grants import SharedBudget
from fleet.ledger.claims import KnownClaims, known_plans
from fleet.ledger.dialects import read_dialect
from fleet.ledger.names import named_before
from fleet.ledger.reading import RecordedPlan, read_plans
from fleet.observed.observation import observe
from fleet.observed.observed import Observed
from fleet.observed.preconditions import disk_notes, missing, problem_of
from fleet.plan.cost import cost_of, requests_of
from fleet.plan.drift import Drift, Scope, drift_of_unwanted, drift_of_wanted, not_wanted, to_observe
from fleet.plan.planning import Lists, intents_of
from fleet.plan.preview import Preview, build
from fleet.proof.absence import Rules
from fleet.report.outcome import Exit
from fleet.selection.living import Resolved
from fleet.selection.loading import load_inventory
from fleet.serveravatar.client import Client
from fleet.serveravatar.rate_limit.rhythm import Rhythm
from fleet.settings import settings as environment
from fleet.settings.settings import Settings


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for on the command line."""

    fleet: Path
    limit: tuple[str, ...] = ()
    run_key: str | None = None
    failed_from: str | None = None
    resend_plans: tuple[str, ...] = ()
    update_plans: bool = False
    allow_empty: bool = False


def plan_fleet(wanted: Wanted, *, as_json: bool) -> int:
    """Show what a run would do.

    Returns:
        The exit code: 0 when there is nothing to do, 7 when there is, 3 to 5 when nothing can be done about what is.

    Raises:
        FleetFileError: with every mistake of the fleet file; nothing was sent.
        SelectionError: a rule matches nothing, or a pattern names no server.
        SettingsError: there is no usable token or another setting is wrong.
        LedgerError: the ledger cannot be read.
        ApiUnusableError: the API cannot be used: token, network, limit.
    """
    settings = environment.load()
    settings.account()
    with Terminal() as terminal:
        preview = asyncio.run(_preview(wanted, settings, terminal))
    terminal.show(preview_table(preview))
    terminal.verdict(preview.verdict, good=preview.exit_code == Exit.DONE)
    for line in closing_lines(preview, datetime.now().astimezone()):
        terminal.say(line)
    if as_json:
        click.echo(preview.model_dump_json(indent=2))
    return preview.exit_code


async def _preview(wanted: Wanted, settings: Settings, terminal: Terminal) -> Preview:
    url, account = settings.ledger_url(), settings.account()
    inventory, earlier_key = await load_inventory(
        wanted.fleet, list(wanted.limit), datetime.now(UTC), wanted.failed_from, url
    )
    run_key = wanted.run_key or earlier_key or str(uuid.uuid4())
    budget = SharedBudget(url, account, time.monotonic, terminal.say)
    async with Client(account, waiting=terminal.waiting, budget=budget) as client:
        resolved = await resolved_fleet(client.send, inventory, terminal, allow_empty=wanted.allow_empty)
        targets = resolved.inventory.targets
        settle = settings.fleet_backup_settle_seconds
        rules = Rules(settle, plans_to_resend(wanted.resend_plans, targets))
        asked = Asked(run_key, rules, wanted.update_plans, time.time())
        plans = await _plans(wanted, inventory, resolved, url)
        observed, problems = await _observed(client, resolved, plans, settings)
        for warning in observed.warnings:
            terminal.say(warning)
        checking = client.requests
        lists = await _lists(client, {target.organization for target in targets}, url, account.url)
        intents = await intents_of(targets, problems, asked, url, lists)
        drift = await _drift(intents, plans, observed, lists)
        cost = cost_of(
            requests_of(intents, checking, lists.pages), Rhythm(budget.allowance, budget.window), client.requests
        )
    unread = resolved.selection.unread_words
    return build(wanted.fleet.name, asked.run_key, cost, intents, drift, observed, unread)


async def _lists(client: Client, organizations: set[int], ledger_url: str, api: str) -> Lists:
    """The lists of backups, read with what earlier runs have learned of this API."""
    claims, plans = KnownClaims(ledger_url, api), await known_plans(ledger_url, organizations)
    lists = {
        number: BackupList(
            client.send,
            number,
            Ownership(number, Learner(await read_dialect(ledger_url, api, number)), claims, plans[number]),
        )
        for number in organizations
    }
    return Lists(lists.__getitem__)


@dataclass(frozen=True, slots=True)
class _Plans:
    """The automatic plans of the ledger: all of them by key, and those of this fleet that it does not want any more."""

    recorded: dict[str, RecordedPlan]
    unwanted: list[tuple[RecordedPlan, Target]]


async def _plans(wanted: Wanted, inventory: Inventory, resolved: Resolved, ledger_url: str) -> _Plans:
    recorded = await read_plans(ledger_url)
    by_key = {plan.entry.key: plan for plan in recorded}
    if wanted.failed_from:  # A part of the targets does not tell what the rest of the fleet file wants.
        return _Plans(by_key, [])
    targets, selection = resolved.inventory.targets, resolved.selection
    organizations = {target.organization for target in targets} | {rule.organization for rule in inventory.rules}
    scope = Scope(
        wanted.fleet.name,
        frozenset(organizations - {each.organization for each in selection.unread_organizations}),
        frozenset((target.organization, target.server_id) for target in targets) if wanted.limit else None,
        frozenset((server.organization, server.server_id) for server in selection.unread),
    )
    return _Plans(by_key, not_wanted(recorded, targets, scope))


async def _observed(
    client: Client, resolved: Resolved, plans: _Plans, settings: Settings
) -> tuple[Observed, list[str | None]]:
    """Observe the targets as a run does, and with them whether what the unwanted plans are about is still there."""
    rules, targets = settings.disk_rules(), resolved.inventory.targets
    beside = [to_observe(target) for _, target in plans.unwanted]
    observed = await observe(client.send, [*targets, *beside], rules, resolved.listed)
    observed = await named_before(settings.ledger_url(), observed, targets)
    now = datetime.now(UTC)
    problems = [problem_of(target, observed, rules, now) for target in targets]
    notes = disk_notes(zip(targets, problems, strict=True), observed, rules, now)
    return replace(observed, warnings=(*observed.warnings, *notes)), problems


async def _drift(intents: Sequence[Intent], plans: _Plans, observed: Observed, lists: Lists) -> list[Drift]:
    automatic = [intent.target for intent in intents if intent.target.request.automatic_backup]
    await lists.read_newest(target.organization for target in automatic)
    possible = [target for target in automatic if not missing(target, observed)]
    return [
        *drift_of_wanted(possible, plans.recorded, lists.newest, observed),
        *drift_of_unwanted(plans.unwanted, automatic, observed),
    ]
