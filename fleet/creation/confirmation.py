"""Confirms automatic plans that exist according to the ledger but are not yet proven by their backups. Pure.

A plan that was adopted because of one backup without a name may not exist: the backup may belong to something else, and
only a second one of the same plan settles that. An accepted plan that starts at once must make a first backup.
Source: docs/decisions/0020-proven-absence.md.
"""

from dataclasses import replace

from fleet.ledger.entry import Entry, reopened
from fleet.proof.absence import Looked, Rules, moment, second_shows_by, shows_by
from fleet.report.outcome import Outcome


def needs_look(entry: Entry, now: float, rules: Rules) -> bool:
    """Whether the backup list must be read for a plan that exists according to the ledger."""
    if not (entry.automatic and entry.is_settled) or entry.sent_at is None:
        return False
    return entry.doubtful or (_is_unseen(entry) and now >= shows_by(entry.attempt, rules))


def _is_unseen(entry: Entry) -> bool:
    starts_now = bool(entry.request) and not entry.request.get("start_backup")
    return starts_now and entry.backup_id is None and entry.plan_id is None


def confirmed(entry: Entry, looked: Looked, now: float, rules: Rules) -> Entry:
    """Decide what a look has proven about such a plan.

    Args:
        entry: as the ledger has it.
        looked: what the look has shown.
        now: epoch seconds.
        rules: of the run.

    Returns:
        The entry: confirmed, unchanged, unverified if its first backup is missing, or in doubt again.
    """
    if looked.rows:
        first = looked.rows[0]
        plan_id = first.backup_config_id if looked.is_sure or looked.names_shown else None
        outcome = Outcome.ADOPTED if entry.outcome is Outcome.UNVERIFIED else entry.outcome
        sure = replace(entry, backup_id=first.id, plan_id=plan_id or entry.plan_id, outcome=outcome)
        if looked.is_sure or not entry.doubtful:
            return replace(sure, doubtful=False, reason="")
        if now < second_shows_by(entry.attempt):
            return sure
    if entry.doubtful:
        return reopened(entry) if now >= second_shows_by(entry.attempt) else entry
    by = moment(shows_by(entry.attempt, rules))
    reason = f"accepted, but its first backup, due by {by}, is missing; check the plan in the panel"
    return replace(entry, outcome=Outcome.UNVERIFIED, reason=reason)
