"""Looks whether a plan that exists according to the ledger has shown that it does (`fleet.creation.confirmation`)."""

from fleet.creation.confirmation import confirmed, needs_look
from fleet.inventory.target import Target
from fleet.ledger.entry import Entry
from fleet.report.outcome import Outcome
from fleet.serveravatar.errors import ApiError
from tasks.run.backup_lists import BackupLists
from tasks.run.entries import Entries


async def confirm_plan(target: Target, entries: Entries, lists: BackupLists) -> Entry:
    """Settle what the backup list shows of a plan by now; if it cannot be read, the plan stays as it was.

    Raises:
        ApiUnusableError: no request of this run will fare better.
        LedgerError: the ledger cannot be written.
        LostLeaseError: another run has taken the target over.
    """
    entry, rules, now = entries.of(target), lists.rules_for(target), entries.now()
    if not needs_look(entry, now, rules):
        return entry
    backups = lists.of(target.organization)
    try:
        looked = await backups.look(entries.sought(target))
    except ApiError:
        return entry
    now_known = confirmed(entry, looked, now, rules)
    if now_known.outcome is Outcome.UNVERIFIED is not entry.outcome:
        backups.own.learner.first_backup_missed()
    return entry if now_known == entry else await entries.save(now_known)
