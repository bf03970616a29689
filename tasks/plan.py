"""Task: find out what this run would do, for a dry run; the same code as `fleet-backup plan`."""

from collections.abc import Sequence

from prefect import task
from prefect.cache_policies import NO_CACHE

from fleet.creation.intent import Asked, Intent
from fleet.inventory.target import Target
from fleet.plan.planning import Lists, intents_of
from fleet.report.outcome import Exit, Halt
from fleet.serveravatar.errors import ApiUnusableError
from tasks.run_context import RunContext
from tasks.unvisited import unvisited


@task(name="plan", task_run_name="plan {count} targets", cache_policy=NO_CACHE, persist_result=False)
async def plan(
    count: int,
    targets: Sequence[Target],
    asked: Asked,
    ledger_url: str,
    context: RunContext,
) -> list[Intent]:
    """Find out what would be done with targets that nothing is in the way of.

    Raises:
        LedgerError: the ledger cannot be read.
        ApiUnusableError: the API cannot be used at all.
    """
    return await intents_of(targets, [None] * count, asked, ledger_url, Lists(context.backups_of))


async def plan_all(context: RunContext, targets: Sequence[Target], asked: Asked, ledger_url: str) -> None:
    """Settle targets as a dry run tells them: what would be done, and why."""
    if not targets:
        return
    try:
        intents = await plan(len(targets), unvisited(targets), asked, ledger_url, context)
    except ApiUnusableError as error:
        context.stop(Halt(Exit.API_UNUSABLE, error.reason))
        context.leave_out(targets, error.reason)
        return
    for intent in intents:
        context.settle(context.result(intent.target, intent.outcome, intent.words))
