"""The one phase of a dry run after the checks: what would be done, and why."""

from collections.abc import Sequence

from fleet.creation.intent import Asked
from fleet.inventory.target import Target
from fleet.report.outcome import Exit, Halt
from fleet.serveravatar.errors import ApiUnusableError
from tasks.plan import plan
from tasks.run.backup_lists import BackupLists
from tasks.run.results import Results
from tasks.run.unvisited import unvisited


async def plan_targets(
    targets: Sequence[Target], asked: Asked, ledger_url: str, lists: BackupLists, results: Results
) -> None:
    """Settle each target with what would be done with it.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    if not targets:
        return
    try:
        intents = await plan(len(targets), unvisited(targets), asked, ledger_url, lists)
    except ApiUnusableError as error:
        results.stop(Halt(Exit.API_UNUSABLE, error.reason))
        results.leave_out(targets, error.reason)
        return
    for intent in intents:
        results.settle(intent.target, intent.outcome, intent.words)
