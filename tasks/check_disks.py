"""Task: check that the disks of the servers have room for what starts now."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed

from fleet.inventory.target import Target
from fleet.observed.disk_space import DiskRules, disk_notes, disk_problem
from fleet.observed.observation import observe_disks
from fleet.observed.observed import Observed
from fleet.observed.preconditions import check_words
from fleet.serveravatar.errors import ApiUnusableError
from fleet.serveravatar.listing import Send
from tasks.run.mistakes import refused


@task(name="check disks", task_run_name="check disks", cache_policy=NO_CACHE, persist_result=False)
async def check_disks(
    targets: Sequence[Target], observed: Observed, rules: DiskRules, now: datetime, send: Send
) -> State[Any]:
    """Read the disks that may be full, and decide on which servers there is no room.

    Args:
        targets: those that nothing else is in the way of.
        observed: what the API shows of them.
        rules: how much room a backup needs.
        now: the time.
        send: sends a request and returns the JSON of its response.

    Returns:
        Completed with a problem or None for each target in their order, and a note for each disk that is too full for
        plans that start later; failed if the API cannot be used at all.
    """
    try:
        observed = await observe_disks(send, targets, rules, observed)
    except ApiUnusableError as error:
        return refused(error)
    problems = [disk_problem(target, observed, rules, now) for target in targets]
    notes = disk_notes(zip(targets, problems, strict=True), observed, rules, now)
    return Completed(message=check_words(targets, problems, observed), data=(problems, notes))
