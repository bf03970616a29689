"""Look whether a plan that exists by the ledger's word shows that it does (`fleet.creation.confirmation`)."""

from fleet.creation.confirmation import confirmed, needs_look
from fleet.inventory.target import Target
from fleet.ledger.entry import Entry
from fleet.report.outcome import Outcome
from fleet.serveravatar.errors import ApiError
from tasks.run_context import RunContext


async def confirm_plan(target: Target, context: RunContext) -> Entry:
    """Settle what the list shows of a plan by now; where it cannot be read, the plan stays as it is known.

    Raises:
        ApiUnusableError: no request of this run will fare better.
        LedgerError: the ledger cannot be written.
        LostLeaseError: another run has taken the target over.
    """
    entry, rules, now = context.entry(target), context.rules_for(target), context.now()
    if not needs_look(entry, now, rules):
        return entry
    try:
        looked = await context.backups_of(target.organization).look(context.sought(target))
    except ApiError:
        return entry
    now_known = confirmed(entry, looked, now, rules)
    if now_known.outcome is Outcome.UNVERIFIED is not entry.outcome:
        context.learners[target.organization].first_backup_missed()
    return entry if now_known == entry else await context.save(now_known)
