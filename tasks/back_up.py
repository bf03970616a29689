"""One run from an inventory to its report: select, check, create, verify; every flow that makes backups uses it."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from prefect import get_run_logger
from prefect.runtime import flow_run

from fleet.creation.concurrency import USUAL_CONCURRENCY
from fleet.creation.fault_points import FaultPoint, reach
from fleet.creation.intent import Asked
from fleet.creation.resending import plans_to_resend
from fleet.inventory.caps import Caps
from fleet.inventory.inventory import Inventory
from fleet.ledger.budget.grants import SharedBudget
from fleet.ledger.learned.dialects import LedgerDialects
from fleet.ledger.store import Ledger
from fleet.proof.absence import Rules
from fleet.report.outcome import Exit, Halt
from fleet.report.progress import Narrator, listener
from fleet.report.report import Report
from fleet.serveravatar.account import Account
from fleet.serveravatar.client import Client
from fleet.settings.settings import Settings
from tasks.announce import note_report
from tasks.approve import ask
from tasks.check_all import check_all
from tasks.create_all import create_all
from tasks.garbage import searched_seldom
from tasks.met import Met
from tasks.plan import plan_all
from tasks.publish import publish
from tasks.report import log_problems, recorded, report_of
from tasks.run_context import RunContext
from tasks.select_targets import select_targets
from tasks.show_progress import shown_progress
from tasks.unvisited import unvisited
from tasks.verify_all import record_seen, verify_all


@dataclass(frozen=True, slots=True)
class Order:
    """How one run is to go.

    Attributes:
        run_key: what makes two runs the same run.
        fleet: the fleet's name, for people.
        dry_run: check everything, tell what would be done, and do nothing.
        verify: wait until what starts now is proven complete.
        verify_timeout: seconds after which a backup that is not complete is overdue.
        concurrency: how many requests are under way at most.
        max_failures: stop sending when more than so many percent of the creates have failed; 100 never stops.
        resend_plans: which automatic plans in doubt to send again (`fleet.creation.resending`).
        update_plans: change automatic plans that differ from what is asked for.
        approve_above: ask a person before more than so many backups are created; 0 never asks.
        allow_empty: let a rule of `select` pass that matches nothing.
    """

    run_key: str
    fleet: str
    dry_run: bool = False
    verify: bool = True
    verify_timeout: float = 3600.0
    concurrency: int = USUAL_CONCURRENCY
    max_failures: float = 100.0
    resend_plans: tuple[str, ...] = ()
    update_plans: bool = False
    approve_above: int = 0
    allow_empty: bool = False


@dataclass(frozen=True, slots=True)
class Access:
    """What a run reaches: the API through its client, by its address, and the ledger, if it writes one.

    Attributes:
        client: sends the requests.
        api: the API's address.
        ledger: open; None in a dry run.
        dialects: what is known of the API.
    """

    client: Client
    api: str
    ledger: Ledger | None
    dialects: LedgerDialects


def wall_clock() -> datetime:
    """The clock that windows are read by."""
    return datetime.now(UTC)


async def back_up(inventory: Inventory, order: Order, settings: Settings, account: Account) -> Report:
    """Do what is ordered, and tell it: to the listener, the ledger, Prefect's log and its artifacts.

    Args:
        inventory: what the run is about.
        order: how it is to go.
        settings: of the environment.
        account: as whom the API is called.

    Raises:
        LedgerError: the ledger cannot be opened, of a dry run: read; nothing was created.
        SelectionError: a rule matches nothing, or nothing is left of the fleet; nothing was created.
        asyncio.CancelledError: interrupted; the listener has the report.
    """
    narrator = Narrator(listener.get(), get_run_logger().info)
    dialects = LedgerDialects(settings.ledger_url(), account.url, get_run_logger().warning)
    budget = SharedBudget(settings.ledger_url(), account, time.monotonic, get_run_logger().warning)
    async with (
        Client(account, order.concurrency, waiting=narrator.waiting, budget=budget, heard=dialects.headers) as client,
        _ledger(settings, dry_run=order.dry_run) as ledger,
    ):
        with searched_seldom():
            report = await _reported(
                inventory, order, settings, Access(client, account.url, ledger, dialects), narrator
            )
        reach(FaultPoint.BEFORE_PUBLISH)
        if ledger:
            report = await recorded(report, order.fleet, ledger)
    log_problems(report)
    note_report(flow_run.id, report)
    await publish(unvisited(report))
    narrator.finished(report)
    return report


async def _reported(
    inventory: Inventory, order: Order, settings: Settings, access: Access, narrator: Narrator
) -> Report:
    """Do what is ordered; nothing of what was found out is left but the report."""
    began = datetime.now(UTC)
    rules = Rules(settings.fleet_backup_settle_seconds)
    context = RunContext(order.run_key, access.client, narrator, rules, wall_clock)
    if access.ledger:
        context.ledger = access.ledger
    api = Met(context, access.dialects, access.api, settings.ledger_url())
    try:
        async with shown_progress(lambda: narrator.progress):
            await select_targets(context, inventory, allow_empty=order.allow_empty)
            context.rules = replace(rules, resend_plans=plans_to_resend(order.resend_plans, context.targets))
            await api.recall(access.ledger)
            await _phases(inventory.caps, order, context, settings)
    except asyncio.CancelledError:
        context.stop(Halt(Exit.INTERRUPTED, "interrupted; a run with the same key continues it"))
        report = report_of(context, began)
        note_report(flow_run.id, report)
        narrator.finished(report)
        raise
    finally:
        await context.close()
        if access.ledger:
            await api.remember()
    return report_of(context, began)


async def _phases(caps: Caps, order: Order, context: RunContext, settings: Settings) -> None:
    if context.halt:
        return
    planned = await check_all(context, context.targets, settings.disk_rules(), settings.ledger_url())
    if order.dry_run:
        asked = Asked(order.run_key, context.rules, order.update_plans, context.now())
        await plan_all(context, planned, asked, settings.ledger_url())
        return
    if 0 < order.approve_above < len(planned):
        await ask(planned, context)
    if context.halt:
        context.leave_out(planned, context.halt.reason)
        return
    overdue_after = order.verify_timeout
    await create_all(context, planned, order.max_failures, caps, overdue_after, update_plans=order.update_plans)
    await (verify_all(context, order.verify_timeout) if order.verify else record_seen(context))


@asynccontextmanager
async def _ledger(settings: Settings, *, dry_run: bool) -> AsyncIterator[Ledger | None]:
    """Open the ledger before anything is sent; a dry run writes none.

    Raises:
        LedgerError: it cannot be written.
    """
    if dry_run:
        yield None
        return
    async with Ledger(settings.ledger_url()) as ledger:
        yield ledger
