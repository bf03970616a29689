"""Task: claim the targets of a run in the ledger, so that of all runs with the same key one acts on each."""

from collections.abc import Sequence

from prefect import task
from prefect.cache_policies import NO_CACHE

from fleet.inventory.target import Target
from fleet.observed.observed import Observed
from tasks.run.entries import Entries


@task(name="claim", task_run_name="claim {count} targets", cache_policy=NO_CACHE, persist_result=False)
async def claim(count: int, targets: Sequence[Target], entries: Entries, observed: Observed) -> list[bool]:  # noqa: ARG001 - Prefect's UI shows the count
    """Create or take over the targets' entries.

    Returns:
        For each target, in their order, whether it is this run's to act on.

    Raises:
        LedgerError: the ledger cannot be written.
    """
    return await entries.claim(targets, observed)
