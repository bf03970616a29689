"""What would be done, and why: the one phase of a dry run after the checks, and what a person is asked to approve."""

from collections.abc import Sequence

from fleet.creation.intent import Asked, Intent
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
    for intent in await planned(targets, asked, ledger_url, lists, results):
        results.settle(intent.target, intent.outcome, intent.words)


async def planned(
    targets: Sequence[Target], asked: Asked, ledger_url: str, lists: BackupLists, results: Results
) -> list[Intent]:
    """Find out what would be done with each target; if the API cannot be used, the run stops.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    if not targets:
        return []
    try:
        return await plan(len(targets), unvisited(targets), asked, ledger_url, lists)
    except ApiUnusableError as error:
        results.stop(Halt(Exit.API_UNUSABLE, error.reason))
        results.leave_out(targets, error.reason)
        return []
