"""What is done next for an entry: send, look first, wait, or leave it. Pure.

A doubtful entry is sent again only once a look has proven that no attempt was applied (`fleet.proof.absence`).
"""

from enum import StrEnum

from fleet.ledger.entry import Entry
from fleet.proof.absence import Absence, Looked, Rules, absence_of


class Step(StrEnum):
    """What to do next for an entry."""

    SEND = "send"
    """Record `sending`, then send."""
    LOOK = "look"
    """Read the backup list: an attempt may have been applied."""
    WAIT = "wait"
    """The last attempt is too recent: the list may not show it yet."""
    DONE = "done"
    """Nothing: it exists."""
    ASK = "ask"
    """It may exist, and its absence is not proven: a later look, or a person, settles that."""


def next_step(entry: Entry, now: float, rules: Rules, looked: Looked | None) -> Step:
    """Decide what to do for an entry that this run owns.

    Args:
        entry: as the ledger has it.
        now: epoch seconds of the ledger's clock; with a look, when it began.
        rules: of this run.
        looked: what a look showed that began after `settled_at` and did not find it; None: no look yet.
    """
    if entry.is_settled:
        return Step.DONE
    if not entry.doubtful:
        return Step.SEND
    if looked is None:
        return Step.LOOK if now >= settled_at(entry, rules) else Step.WAIT
    absence = absence_of(entry.attempt, looked, rules, now)
    if absence.is_proven or (entry.automatic and entry.key in rules.resend_plans and not looked.rows):
        return Step.SEND
    return Step.WAIT if absence.is_worth_waiting(now) else Step.ASK


def settled_at(entry: Entry, rules: Rules, looked: Looked | None = None) -> float:
    """When the next look counts, in epoch seconds: once the list has had time to show the last attempt."""
    absence = absence_of(entry.attempt, looked, rules, entry.sent_at or 0.0) if looked else Absence(is_proven=False)
    return absence.settled_at or (entry.sent_at or 0.0) + rules.settled_after


def shown_by(entry: Entry, rules: Rules) -> float:
    """When the list must show the backups of all attempts, so that none is missed; epoch seconds."""
    return (entry.sent_at or 0.0) + rules.all_shown_after(entry.attempt)
