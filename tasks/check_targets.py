"""Task: check that everything that the targets name exists: server, application, database, storage provider."""

from collections.abc import Mapping, Sequence
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed

from fleet.inventory.target import Target
from fleet.ledger.learned.application_names import named_before
from fleet.observed.observation import observe_targets
from fleet.observed.observed import Listed
from fleet.observed.preconditions import check_words, target_problem
from fleet.observed.trust import LastGood
from fleet.serveravatar.errors import ApiUnusableError
from fleet.serveravatar.listing import Send
from tasks.run.mistakes import refused


@task(name="check targets", task_run_name="check targets", cache_policy=NO_CACHE, persist_result=False)
async def check_targets(
    targets: Sequence[Target],
    listed: Mapping[int, Listed],
    trusted: Mapping[str, LastGood],
    send: Send,
    ledger_url: str,
) -> State[Any]:
    """Observe the fleet in bulk, and decide what is in the way of each target, apart from disks.

    Args:
        targets: of the run.
        listed: what was read already and is not read again, by organization.
        trusted: by place, what is known of targets of which only the server is looked up.
        send: sends a request and returns the JSON of its response.
        ledger_url: the ledger names what the API does not show now.

    Returns:
        Completed with what was observed, and a problem or None for each target in their order; failed if the API
        cannot be used at all.
    """
    try:
        observed = await observe_targets(send, targets, listed, trusted)
    except ApiUnusableError as error:
        return refused(error)
    observed = await named_before(ledger_url, observed, targets)
    problems = [target_problem(target, observed) for target in targets]
    return Completed(message=check_words(targets, problems, observed), data=(observed, problems))
