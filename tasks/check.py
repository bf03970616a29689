"""Task: observe the fleet in bulk and check every target's preconditions."""

from collections.abc import Sequence

from prefect import task
from prefect.cache_policies import NO_CACHE

from fleet.inventory.target import Target
from fleet.ledger.learned.application_names import named_before
from fleet.observed.observation import observe
from fleet.observed.preconditions import DiskRules, disk_notes, problem_of
from tasks.run_context import RunContext


@task(name="check", task_run_name="check preconditions", cache_policy=NO_CACHE, persist_result=False)
async def check(context: RunContext, targets: Sequence[Target], rules: DiskRules, ledger_url: str) -> list[str | None]:
    """Observe, and decide what is in the way of each target; what is not shown now is named as the ledger does.

    Returns:
        A problem or None for each target, in their order. The names that were observed are in the context.

    Raises:
        ApiUnusableError: the API cannot be used at all.
    """
    observed = await observe(context.client.send, targets, rules, context.listed)
    observed = await named_before(ledger_url, observed, targets)
    context.observed, context.listed = observed.names(), {}
    now = context.clock()
    problems = [problem_of(target, observed, rules, now) for target in targets]
    for note in disk_notes(zip(targets, problems, strict=True), observed, rules, now):
        context.listener.notice(note)
    return problems
