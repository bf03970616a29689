"""Task: audit a fleet: whether everything is backed up as it should be."""

import time
from datetime import UTC, datetime

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed

from fleet.audit.auditing import audit as audit_all
from fleet.audit.finding import WELL
from fleet.audit.noting import note_findings
from fleet.audit.report import AuditReport, build
from fleet.audit.summary import line
from fleet.inventory.inventory import Inventory
from fleet.ledger.budget.grants import SharedBudget
from fleet.ledger.learned.audit_memory import LedgerMemory
from fleet.ledger.learned.dialects import LedgerDialects
from fleet.report.progress import Narrator, listener
from fleet.selection.selection import SelectionError
from fleet.serveravatar.account import Account
from fleet.serveravatar.client import Client
from tasks.run.mistakes import refused


@task(name="audit", task_run_name="audit the fleet", cache_policy=NO_CACHE, persist_result=False)
async def audit(
    fleet: str, inventory: Inventory, account: Account, ledger_url: str, allow_empty: bool
) -> State[AuditReport]:
    """Read what there is and judge it; a mistake in the rules is the task's state, not raised.

    Args:
        fleet: its name.
        inventory: what the audit is about.
        account: as whom the API is called.
        ledger_url: where audits remember what they have seen.
        allow_empty: whether a rule that matches nothing is all right.
    """
    logger, now = get_run_logger(), datetime.now(UTC)
    narrator = Narrator(listener.get(), logger.info)
    budget = SharedBudget(ledger_url, account, time.monotonic, logger.warning)
    memory = LedgerMemory(ledger_url, account.url, logger.warning)
    dialects = LedgerDialects(ledger_url, account.url, logger.warning)
    async with Client(account, waiting=narrator.waiting, budget=budget, heard=dialects.headers) as client:
        try:
            found = await audit_all(
                client.send, inventory, memory, now, narrator, allow_empty=allow_empty, dialects=dialects
            )
        except SelectionError as error:
            return refused(error)
        report = build(fleet, now, client.calls, found)
    await note_findings(ledger_url, fleet, now, found, logger.warning)
    for change in report.api_changes:
        logger.warning("the API has changed: %s", change)
    for target in report.targets:
        if target.status not in WELL:
            logger.warning("%s", line(target))
    return Completed(data=report)
