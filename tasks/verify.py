"""Task: prove that what was accepted is complete, by one shared sweep over the list of backups."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from prefect import task
from prefect.cache_policies import NO_CACHE

from fleet.backup_list import BackupList
from fleet.serveravatar.errors import ApiError, ApiUnusableError
from fleet.target import Target
from fleet.verification import Completion, Proof, judge, next_interval
from tasks.run_context import RunContext


@task(name="verify", task_run_name="verify {count} backups", cache_policy=NO_CACHE, persist_result=False)
async def verify(count: int, targets: Iterable[Target], context: RunContext, seconds: float) -> dict[str, Proof]:  # noqa: ARG001 - the first is for the name that Prefect's UI shows
    """Sweep the list at growing intervals until every backup is complete, has failed, or is overdue.

    Args:
        count: how many they are.
        targets: instant backups that were accepted.
        context: of the run.
        seconds: after which what is not complete is overdue.

    Returns:
        The proof of each target, by its key.
    """
    awaited: defaultdict[int, dict[str, Target]] = defaultdict(dict)
    for target in targets:
        awaited[target.organization][target.key(context.run_key)] = target
    sweeps = [_sweep(context.backups_of(number), keys, seconds, context) for number, keys in awaited.items()]
    return {key: proof for found in await asyncio.gather(*sweeps) for key, proof in found.items()}


async def _sweep(
    backups: BackupList, targets: dict[str, Target], seconds: float, context: RunContext
) -> dict[str, Proof]:
    """Sweep the list of one organization until nothing is awaited any more."""
    deadline = time.monotonic() + seconds
    proofs = {key: Proof() for key in targets}
    awaited = set(targets)
    interval: float | None = None
    while awaited and (left := deadline - time.monotonic()) > 0:
        interval = next_interval(interval, backups.pages_read)
        context.listener.waiting(f"{len(awaited)} backups to be complete", min(interval, left))
        await asyncio.sleep(min(interval, left))
        try:
            found = await backups.find(awaited)
        except ApiUnusableError as error:
            context.api_problem = error.reason
            return proofs | {key: replace(proofs[key], reason=f"not proven: {error.reason}") for key in awaited}
        except ApiError as error:
            context.listener.waiting(f"the list of backups could not be read: {error}", 0)
            continue
        for key, backup in found.items():
            proofs[key] = judge(backup, targets[key].request)
            if proofs[key].completion is not Completion.PENDING:
                awaited.discard(key)
                context.listener.advance()
    overdue = f"not complete after {seconds:.0f} s: "
    return proofs | {key: replace(proofs[key], reason=overdue + proofs[key].reason) for key in awaited}
