"""Task: claim the targets of a run in the ledger, so that of all runs with the same key one acts on each."""

from collections.abc import Sequence

from prefect import task
from prefect.cache_policies import NO_CACHE

from fleet.fault_points import FaultPoint, reach
from fleet.target import Target
from tasks.run_context import RunContext


@task(name="claim", task_run_name="claim {count} targets", cache_policy=NO_CACHE, persist_result=False)
async def claim(count: int, targets: Sequence[Target], context: RunContext) -> list[bool]:  # noqa: ARG001 - Prefect's UI shows the first
    """Make or take over the targets' entries.

    Returns:
        For each target whether it is this run's to act on. What the ledger knows of them is in the context.

    Raises:
        LedgerError: the ledger cannot be written.
    """
    return await take(targets, context)


async def take(targets: Sequence[Target], context: RunContext) -> list[bool]:
    """As `claim`, for the repeated looks at what another run acts on: those are no task runs of their own."""
    reach(FaultPoint.BEFORE_CLAIM)
    claims = await context.ledger.claim([context.fresh(target) for target in targets])
    reach(FaultPoint.AFTER_CLAIM)
    context.entries |= {key: claim.entry for key, claim in claims.items()}
    return [claims[target.key(context.run_key)].ours for target in targets]
