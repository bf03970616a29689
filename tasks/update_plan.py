"""Task: change an automatic plan to what the fleet file asks for now."""

from dataclasses import replace

from prefect import task
from prefect.cache_policies import NO_CACHE

from fleet.creation.plans import described, drift
from fleet.inventory.target import Target
from fleet.ledger.entry import Entry
from fleet.report.outcome import Outcome
from fleet.serveravatar.catalogue import PROVES_NOTHING
from fleet.serveravatar.errors import ApiError
from fleet.serveravatar.wire import Call
from fleet.serveravatar.wire import update_plan as update_request
from tasks.run_context import RunContext


@task(name="update plan", task_run_name="update {label}", cache_policy=NO_CACHE, persist_result=False)
async def update_plan(label: str, target: Target, context: RunContext) -> tuple[Outcome, str]:  # noqa: ARG001 - Prefect's UI shows it
    """Change a plan by the API's PATCH, where its id is known: from the ledger, or from its newest backup in the list.

    Returns:
        How the target ended and why.

    Raises:
        ApiUnusableError: no request of this run will fare better.
    """
    wanted = target.request.body()
    entry = context.entry(target)
    differences = described(drift(entry.request, wanted))
    try:
        entry = await _with_plan_id(entry, target, context)
        if entry.plan_id is None:
            return Outcome.ADOPTED, f"drift: {differences}; its id is not known (yet): no backup shows that it made"
        await context.client.send(update_request(target.organization, target.server_id, entry.plan_id, wanted))
    except ApiError as error:
        may_be_updated = error.call == Call.UPDATE_PLAN and error.meaning in PROVES_NOTHING
        failed = "nobody knows whether the update was made" if may_be_updated else "the update failed"
        return Outcome.REJECTED, f"drift: {differences}; {failed}: {error.message}"
    await context.save(replace(entry, request=wanted))
    return Outcome.ADOPTED, f"updated: {differences}"


async def _with_plan_id(entry: Entry, target: Target, context: RunContext) -> Entry:
    if entry.plan_id is not None:
        return entry
    backups = context.backups_of(target.organization)
    rows = (await backups.find([context.sought(target)], thorough=True)).rows_of(entry.key)
    # Two plans of one application may look alike in the list: then it is better to change none than the wrong one.
    plans = {row.backup_config_id for row in rows}
    return await context.save(replace(entry, plan_id=plans.pop())) if len(plans) == 1 else entry
