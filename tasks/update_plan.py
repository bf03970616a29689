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
from fleet.serveravatar.listing import Send
from fleet.serveravatar.wire import Call
from fleet.serveravatar.wire import update_plan as update_request
from tasks.run.backup_lists import BackupLists
from tasks.run.entries import Entries


@task(name="update plan", task_run_name="update {label}", cache_policy=NO_CACHE, persist_result=False)
async def update_plan(
    label: str,  # noqa: ARG001 - Prefect's UI shows it
    target: Target,
    entries: Entries,
    lists: BackupLists,
    send: Send,
) -> tuple[Outcome, str]:
    """Change a plan by the API's PATCH, if its id is known: from the ledger, or from its newest backup in the list.

    Returns:
        How the target ended and why.

    Raises:
        ApiUnusableError: no request of this run will fare better.
        LedgerError: the ledger cannot be written.
        LostLeaseError: another run has taken the target over.
    """
    wanted = target.request.body()
    entry = entries.of(target)
    differences = described(drift(entry.request, wanted))
    try:
        entry = await _with_plan_id(entry, target, entries, lists)
        if entry.plan_id is None:
            return Outcome.ADOPTED, f"drift: {differences}; its id is not known (yet): no backup shows that it made"
        await send(update_request(target.organization, target.server_id, entry.plan_id, wanted))
    except ApiError as error:
        may_be_updated = error.call == Call.UPDATE_PLAN and error.meaning in PROVES_NOTHING
        failed = "nobody knows whether the update was made" if may_be_updated else "the update failed"
        return Outcome.REJECTED, f"drift: {differences}; {failed}: {error.message}"
    await entries.save(replace(entry, request=wanted))
    return Outcome.ADOPTED, f"updated: {differences}"


async def _with_plan_id(entry: Entry, target: Target, entries: Entries, lists: BackupLists) -> Entry:
    if entry.plan_id is not None:
        return entry
    backups = lists.of(target.organization)
    rows = (await backups.find([entries.sought(target)], thorough=True)).rows_of(entry.key)
    # Two plans of one application may look alike in the list: then it is better to change none than the wrong one.
    plans = {row.backup_config_id for row in rows}
    return await entries.save(replace(entry, plan_id=plans.pop())) if len(plans) == 1 else entry
