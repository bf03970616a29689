"""Task: find out what this run would do, for a dry run; the same code as `fleet-backup plan`."""

from collections.abc import Sequence

from prefect import task
from prefect.cache_policies import NO_CACHE

from fleet.creation.intent import Asked, Intent
from fleet.inventory.target import Target
from fleet.plan.planning import Lists, intents_of
from tasks.run.backup_lists import BackupLists


@task(name="plan", task_run_name="plan {count} targets", cache_policy=NO_CACHE, persist_result=False)
async def plan(
    count: int, targets: Sequence[Target], asked: Asked, ledger_url: str, lists: BackupLists
) -> list[Intent]:
    """Find out what would be done with targets that nothing is in the way of.

    Raises:
        LedgerError: the ledger cannot be read.
        ApiUnusableError: the API cannot be used at all.
    """
    return await intents_of(targets, [None] * count, asked, ledger_url, Lists(lists.of))
