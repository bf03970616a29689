"""Task: claim the targets of a run in the ledger, so that of all runs with the same key one acts on each."""

from collections.abc import Sequence
from operator import itemgetter
from typing import Final

from prefect import task
from prefect.cache_policies import NO_CACHE

from fleet.creation.fault_points import FaultPoint, reach
from fleet.inventory.target import Target
from tasks.run_context import RunContext

AT_ONCE: Final = 500
"""Targets that the ledger is told of together: what is sent to it is not in memory for a whole fleet."""


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
    keys = [target.key(context.run_key) for target in targets]
    # In the order of the ledger's own locks, so that two runs never wait for each other.
    in_order = sorted(zip(keys, targets, strict=True), key=itemgetter(0))
    ours = set[str]()
    for start in range(0, len(in_order), AT_ONCE):
        wanted = [context.fresh(target) for _, target in in_order[start : start + AT_ONCE]]
        claims = await context.ledger.claim(wanted)
        context.entries |= {key: claim.entry for key, claim in claims.items()}
        ours.update(key for key, claim in claims.items() if claim.ours)
    reach(FaultPoint.AFTER_CLAIM)
    return [key in ours for key in keys]
