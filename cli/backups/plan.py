"""`fleet-backup plan`: what a run would do, and what has drifted; needs no Prefect and changes nothing."""

import asyncio
import time
import uuid
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

from cli.backups.checking import checked_fleet
from cli.backups.plan_drift import drift_of, read_plans_of
from cli.backups.preview_table import CSV_COLUMNS, closing_lines, csv_rows, preview_table
from cli.backups.resolving import resolved_fleet
from cli.backups.wanted import Wanted
from cli.output_format import Format
from cli.terminal.printing import print_csv, print_report
from cli.terminal.terminal import Terminal
from fleet.backup_list.backup_list import BackupList
from fleet.backup_list.ownership import Ownership
from fleet.creation.intent import Asked
from fleet.creation.resending import plans_to_resend
from fleet.dialect.learner import Learner
from fleet.ledger.budget.grants import SharedBudget
from fleet.ledger.learned.backup_claims import KnownClaims, known_plans
from fleet.ledger.learned.dialects import read_dialect
from fleet.ledger.learned.last_goods import LedgerLastGoods
from fleet.observed.trust import trusted
from fleet.plan.cost import checking_of, cost_of, requests_of
from fleet.plan.planning import Lists, intents_of
from fleet.plan.preview import Preview, build
from fleet.plan.unwanted import to_observe
from fleet.proof.absence import Rules
from fleet.report.outcome import Exit
from fleet.selection.loading import load_inventory
from fleet.serveravatar.client import Client
from fleet.serveravatar.rate_limit.rhythm import Rhythm
from fleet.settings import settings as environment
from fleet.settings.settings import Settings


def plan_fleet(wanted: Wanted, form: Format) -> int:
    """Show what a run would do.

    Returns:
        The exit code: 0 when there is nothing to do, 7 when there is, 3 to 5 when no run can do it.

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
    terminal.show(preview_table(preview, terminal.verbosity))
    terminal.verdict(preview.verdict, good=preview.exit_code == Exit.DONE)
    for line in closing_lines(preview, datetime.now().astimezone()):
        terminal.say(line)
    if form is Format.CSV:
        print_csv(CSV_COLUMNS, csv_rows(preview))
    else:
        print_report(preview, form, "targets")
    return preview.exit_code


async def _preview(wanted: Wanted, settings: Settings, terminal: Terminal) -> Preview:
    url, account = settings.ledger_url(), settings.account()
    inventory, earlier_key = await load_inventory(
        wanted.fleet, list(wanted.limit), datetime.now(UTC), wanted.failed_from, url
    )
    run_key = wanted.run_key or earlier_key or str(uuid.uuid4())
    budget = SharedBudget(url, account, time.monotonic, terminal.warn)
    async with Client(account, waiting=terminal.waiting, budget=budget) as client:
        resolved = await resolved_fleet(client.send, inventory, terminal, allow_empty=wanted.allow_empty)
        targets, selection = resolved.inventory.targets, resolved.selection
        plans = await read_plans_of(wanted, inventory, resolved, url)
        # What the plans that nobody wants any more were about is observed, too: whether it still exists.
        beside = [to_observe(target) for _, target in plans.unwanted]
        selecting = Counter(client.calls)
        checked = await checked_fleet(client.send, resolved, settings, beside)
        observed = replace(checked.observed, warnings=(*checked.observed.warnings, *checked.notes))
        for warning in observed.warnings:
            terminal.say(warning)
        last_goods = await LedgerLastGoods(url, account.url, terminal.say).recall(targets)
        trust = trusted(targets, last_goods, time.time(), settings.trust_period())
        checking = selecting.total() + checking_of(client.calls - selecting, targets, trust)
        rules = Rules(settings.fleet_backup_settle_seconds, plans_to_resend(wanted.resend_plans, targets))
        lists = await _lists(client, {target.organization for target in targets}, url, account.url)
        asked = Asked(run_key, rules, wanted.update_plans, time.time())
        intents = await intents_of(targets, checked.problems, asked, url, lists)
        drift = await drift_of(intents, plans, observed, lists)
        requests = requests_of(intents, checking, lists.pages)
        cost = cost_of(requests, Rhythm(budget.allowance, budget.window), client.requests)
    return build(wanted.fleet.name, run_key, cost, intents, drift, observed, selection.unread_words)


async def _lists(client: Client, organizations: set[int], ledger_url: str, api: str) -> Lists:
    """The backup lists, read with what earlier runs have learned of this API."""
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
