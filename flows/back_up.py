"""The phases of a backup run: select, check, approve, create, verify, record, publish; or, in a dry run, plan.

Each name that is awaited here is a phase; a phase that works on many targets fans out: `CreateAll` runs a task for each
create, so that people see every retry, and `Prover` one watch for each organization.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from prefect import get_run_logger
from prefect.exceptions import TerminationSignal
from prefect.runtime import deployment, flow_run

from fleet.creation.brakes import Brakes
from fleet.creation.fault_points import FaultPoint, reach
from fleet.creation.intent import Asked
from fleet.creation.resending import plans_to_resend
from fleet.inventory.inventory import Inventory
from fleet.ledger.budget.grants import SharedBudget
from fleet.ledger.days.from_report import Known
from fleet.ledger.learned.dialects import LedgerDialects
from fleet.ledger.learned.last_goods import LedgerLastGoods
from fleet.ledger.lease import Holder
from fleet.ledger.store import Ledger
from fleet.proof.absence import Rules
from fleet.report.origin import Origin
from fleet.report.outcome import Exit, Halt
from fleet.report.progress import Narrator, listener, listening
from fleet.report.report import Report, Subject
from fleet.report.system_error import in_words
from fleet.serveravatar.account import Account
from fleet.serveravatar.client import Client
from fleet.settings.settings import Settings
from tasks.creating.admission import Admission
from tasks.creating.protocol import CreateProtocol
from tasks.creating.recheck import Recheck
from tasks.creating.running_backups import RunningBackups
from tasks.creating.sender import Sender
from tasks.phases.approve import approved
from tasks.phases.check import Preconditions
from tasks.phases.create import CreateAll, mark_lists
from tasks.phases.create_one import CreateOne
from tasks.phases.existing import Existing
from tasks.phases.plan import plan_targets
from tasks.phases.select import select_targets
from tasks.phases.verify import record_proofs, verify_backups
from tasks.proving.prover import Prover
from tasks.proving.watches import Watches
from tasks.publish import HURRIED_SECONDS, LONGEST_SECONDS, publish
from tasks.run import this_run
from tasks.run.backup_lists import BackupLists
from tasks.run.entries import Entries
from tasks.run.known_api import KnownApi, claims_of
from tasks.run.mistakes import MISTAKES
from tasks.run.options import RunOptions
from tasks.run.results import Results
from tasks.run.termination import termination_ends_this
from tasks.run.trust import Trust
from tasks.run.unvisited import unvisited
from tasks.telling.announce import note_report
from tasks.telling.guarded import guarded
from tasks.telling.run_report import log_problems, ran_beyond_windows, recorded, report_of
from tasks.telling.server_back import server_is_back
from tasks.telling.show_progress import shown_progress
from tasks.telling.status_page.note_days import NOTE_SECONDS, known_of, note_days


@dataclass(frozen=True, slots=True)
class Connections:
    """What a run uses: the API through its client, the ledger if it writes one, and what it knows of API and targets.

    Attributes:
        api: the API's address.
        client: sends the requests.
        ledger: open; None in a dry run.
        dialects: of the API.
        trust: in the targets; a dry run has none.
    """

    api: str
    client: Client
    ledger: Ledger | None
    dialects: LedgerDialects
    trust: Trust


def wall_clock() -> datetime:
    """The clock that windows are read by."""
    return datetime.now(UTC)


async def back_up(inventory: Inventory, options: RunOptions, settings: Settings, account: Account) -> Report:
    """Make a backup run, and report it: to the listener, the ledger, Prefect's log and its artifacts.

    Args:
        inventory: what the run is about.
        options: how it is to go.
        settings: of the environment.
        account: the account that calls the API.

    Raises:
        LedgerError: the ledger cannot be opened, or read in a dry run; nothing was created.
        SelectionError: a rule matches nothing, or nothing is left of the fleet; nothing was created.
        asyncio.CancelledError: interrupted; the listener has the report.
    """
    narrator = Narrator(listener.get(), get_run_logger().info)
    with termination_ends_this(), listening(narrator):
        async with _connected(account, settings, options, narrator) as connections:
            report, known = await _carried_out(inventory, options, settings, connections, narrator)
            # Record: in the ledger, where the next run looks for it; then in the report's file and on the terminal.
            recorded_at = None
            try:
                reach(FaultPoint.BEFORE_PUBLISH)
                if connections.ledger:
                    report, recorded_at = await recorded(report, options.fleet, connections.ledger)
            finally:
                narrator.finished(report)
            if connections.ledger and recorded_at:
                noting = note_days(connections.ledger, options.fleet, report, recorded_at, known)
                await guarded("the next run notes this one for the status page", noting, get_run_logger(), NOTE_SECONDS)
        # Publish: whatever happens to the Prefect server now, the verdict is not lost.
        note_report(flow_run.id, report)
        log_problems(report)
        await _published(report, Origin.of(options.fleet, deployment.name, dry_run=options.dry_run))
    if report.exit_code == Exit.INTERRUPTED:
        raise asyncio.CancelledError(report.verdict)
    return report


async def _published(report: Report, origin: Origin) -> None:
    """Publish the report in the Prefect UI; an interrupted run starts no task for it."""
    problem, logger = "the report was not published in the Prefect UI", get_run_logger()
    if report.exit_code == Exit.INTERRUPTED:
        await guarded(problem, publish.fn(report, origin), logger, HURRIED_SECONDS)
    else:
        await server_is_back()
        await guarded(problem, publish(unvisited(report), origin), logger, LONGEST_SECONDS)


async def _carried_out(
    inventory: Inventory, options: RunOptions, settings: Settings, connections: Connections, narrator: Narrator
) -> tuple[Report, dict[Subject, Known]]:
    """Go through the phases; whatever ends the run, there is a report of what is known by then.

    Returns:
        The report, and what else is known of its targets.

    Raises:
        LedgerError, SelectionError: a mistake that was found before anything was sent.
    """
    client, ledger_url, began = connections.client, settings.ledger_url(), datetime.now(UTC)
    results, brakes = Results(), Brakes(0, options.max_failures)
    entries = Entries(connections.ledger, options.run_key)
    api = KnownApi(claims_of(connections.ledger, ledger_url, connections.api))
    lists = BackupLists(client.send, api, entries.now)
    watches = Watches(lists, wall_clock)
    try:
        async with lists, shown_progress(lambda: narrator.progress):
            # Select: what the run is about, with the rules of the fleet file resolved.
            selected = await select_targets(
                inventory, client.send, results, wall_clock(), allow_empty=options.allow_empty
            )
            resend = plans_to_resend(options.resend_plans, results.targets)
            rules = Rules(settings.fleet_backup_settle_seconds, resend)
            await api.recall(results.targets, rules, connections.dialects, ledger_url)

            # Check: what can be backed up.
            trusted = await connections.trust.recall(results.targets, wall_clock())
            preconditions = Preconditions(client.send, settings.disk_rules(), ledger_url)
            ready = await preconditions.check(results, selected.listed, trusted, wall_clock())

            asked = Asked(options.run_key, rules, options.update_plans, entries.now())
            if options.dry_run:
                await plan_targets(ready, asked, ledger_url, lists, results)

            # Approve: a large run that was started manually.
            elif await approved(ready, asked, ledger_url, lists, results, options.approve_above):
                # Create: one task for each target that is missing, as the caps and windows of the fleet allow.
                await mark_lists(lists, ready)
                sender = Sender(client, entries, results, brakes, Recheck(client.send, results), wall_clock)
                running = RunningBackups(watches, results, lambda: client.seconds_a_request, options.verify_timeout)
                await CreateAll(
                    entries,
                    results,
                    Existing(entries, lists, results, client.send if options.update_plans else None),
                    CreateOne(CreateProtocol(entries, lists, sender), entries, results, brakes),
                    Admission(entries, results, running, inventory.caps, wall_clock),
                ).create(ready)

                # Verify: one watch over each backup list until everything has ended.
                if options.verify:
                    prover = Prover(entries, lists, watches, results)
                    await verify_backups(prover, entries, results, options.verify_timeout)
                else:
                    await record_proofs(watches.proofs(), entries, results)
    except (asyncio.CancelledError, TerminationSignal):
        results.stop(Halt(Exit.INTERRUPTED, "interrupted; a run with the same key continues it"))
    except MISTAKES:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, what has been done by then is reported
        get_run_logger().exception("the run ended unexpectedly; a run with the same key continues it")
        words = in_words(error) or f"unexpected {type(error).__name__}: {error}. Please report it"
        results.stop(Halt(Exit.UNEXPECTED, words))
    if entries.are_lost:
        problem = "Prefect was not asked whether another run continues this one"
        await guarded(problem, this_run.leave_if_replaced(), get_run_logger())
    if connections.ledger:
        with suppress(asyncio.CancelledError):  # All is done: an interruption now must not cost the report.
            await api.remember(connections.dialects)
            await connections.trust.remember(results)
    report = report_of(options.run_key, began, client.calls, results, entries)
    report.notes = this_run.continuation() + ran_beyond_windows(results, entries, watches.ended_at(), wall_clock())
    report.api_changes = api.changes
    return report, known_of(results, entries, verified=options.verify)


@asynccontextmanager
async def _connected(
    account: Account, settings: Settings, options: RunOptions, narrator: Narrator
) -> AsyncIterator[Connections]:
    """Open the ledger before anything is sent; a dry run writes none.

    Raises:
        LedgerError: it cannot be written.
    """
    url, warn = settings.ledger_url(), get_run_logger().warning
    dialects = LedgerDialects(url, account.url, warn)
    trust = Trust(LedgerLastGoods(url, account.url, warn), settings.trust_period() * (not options.dry_run))
    budget = SharedBudget(url, account, time.monotonic, warn)
    async with AsyncExitStack() as opened:
        client = Client(account, options.concurrency, waiting=narrator.waiting, budget=budget, heard=dialects.headers)
        await opened.enter_async_context(client)
        holder = Holder(str(flow_run.id), options.run_key)
        opening = Ledger(url, holder, narrator.notice)
        ledger = None if options.dry_run else await opened.enter_async_context(opening)
        yield Connections(account.url, client, ledger, dialects, trust)
