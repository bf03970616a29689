"""Task: prove that what was accepted is complete, by one shared watch over each backup list."""

from collections.abc import Sequence
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed

from fleet.inventory.target import Target
from fleet.proof.proof import Completion
from tasks.proving.prover import Prover


@task(name="verify", task_run_name="verify {count} backups", cache_policy=NO_CACHE, persist_result=False)
async def verify(count: int, targets: Sequence[Target], prover: Prover, seconds: float) -> State[Any]:
    """Look at the backup lists at growing intervals until every backup is complete, has failed, or is overdue.

    Args:
        count: how many targets there are.
        targets: those whose backup was started.
        prover: watches the lists.
        seconds: after which an incomplete backup is overdue.

    Returns:
        Completed with the proofs, by the key of their target; there is none of a plan whose first backup has not
        appeared.
    """
    proofs = await prover.proofs_of(targets, seconds)
    complete = sum(proof.completion is Completion.COMPLETE for proof in proofs.values())
    return Completed(message=f"{complete} of {count} backups are complete", data=proofs)
