"""One entry of the ledger, and the protocol as pure transitions: never twice, never lost.

`sending` is recorded durably before the call and assumes the worst: an entry left behind by a crash is doubtful. A
doubtful entry is looked up in the backup list before anything else is sent for it; `found` settles it. A look that
finds nothing allows a resend only if that proves its absence (`fleet.proof.absence`), and does not settle the doubt for
good: the list may show a row late, so it is looked up again before any later resend.
Source: docs/decisions/0008-the-ledger.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from fleet.inventory.target import Target
from fleet.proof.absence import Attempt, Looked
from fleet.proof.proof import Completion, Evidence, Proof
from fleet.proof.sought import NOTHING_KNOWN, Mark, Sought
from fleet.report.outcome import SETTLED, Outcome
from fleet.serveravatar.catalogue import PROVES_NOTHING, REFUSALS, Meaning


@dataclass(frozen=True, slots=True)
class Entry:
    """What the ledger knows of one target within one run key; for a plan, across all runs.

    Attributes:
        key: the target's key.
        run_key: of the run that created the entry.
        automatic: an automatic plan; otherwise an instant backup.
        attempts: how often the create was sent, in all runs with the key.
        doubtful: an attempt may have been applied; only `found` or an acceptance settles that.
        sent_at: when the last attempt was sent, or its response came or was lost; epoch seconds of the ledger's clock.
        before: the end of the backup list before the first attempt.
        outcome: how it ended; None while it is open.
        reason: why, for people.
        backup_id: the backup's id in the backup list, once seen there.
        plan_id: the plan's id (`backup_config_id`), once seen.
        request: the body that was sent last, or will be sent, without secrets.
        looked: how often the backup list was read for it.
        broken: its backup failed or is empty, so it is still missing and is re-created. Never a plan.
        evidence: how its backup was recognised; None until it is.
    """

    key: str
    run_key: str
    automatic: bool
    attempts: int = 0
    doubtful: bool = False
    sent_at: float | None = None
    before: Mark = NOTHING_KNOWN
    outcome: Outcome | None = None
    reason: str = ""
    backup_id: int | None = None
    plan_id: int | None = None
    request: Mapping[str, Any] = field(default_factory=dict)
    looked: int = 0
    broken: bool = False
    evidence: Evidence | None = None

    @property
    def attempt(self) -> Attempt:
        """The last attempt, as far as proving its absence depends on it."""
        return Attempt(self.automatic, self.attempts, self.sent_at or 0.0, self.before.exact, self.request)

    @property
    def is_settled(self) -> bool:
        """Whether it exists, so that a run with the key does not send it again."""
        return self.outcome in SETTLED and not self.broken


def sending(entry: Entry, now: float, before: Mark, request: Mapping[str, Any]) -> Entry:
    """An attempt is about to be sent: assume that it will be applied.

    Args:
        entry: as the ledger has it.
        now: epoch seconds of the ledger's clock.
        before: the end of the backup list when the run began.
        request: the body to send; the fleet file may have changed since an earlier attempt.
    """
    is_first = entry.attempts == 0 or entry.broken
    # Whatever the first page of the list showed, the broken backup is not the one created now.
    before = replace(before, backup=max(before.backup, entry.backup_id or 0)) if entry.broken else before
    return replace(
        entry,
        attempts=entry.attempts + 1,
        doubtful=True,
        sent_at=now,
        before=before if is_first else entry.before,
        broken=False,
        outcome=None,
        reason="",
        request=request,
        backup_id=None,
    )


def sent_again(entry: Entry, now: float) -> Entry:
    """An attempt is sent later than recorded, after waiting for a 429: the time to appear in the list starts again."""
    return replace(entry, sent_at=now)


def answered(entry: Entry, meaning: Meaning, reason: str, now: float, *, doubtful_before: bool) -> Entry:
    """An attempt got its response, or never will.

    Args:
        entry: as `sending` left it.
        meaning: of the response.
        reason: for people.
        now: when the response came or was lost; from then on the list has time to show what was applied.
        doubtful_before: whether an earlier attempt was already doubtful.
    """
    if meaning is Meaning.ACCEPTED:
        return replace(entry, doubtful=False, outcome=Outcome.CREATED, reason="")
    if meaning in REFUSALS:
        return replace(entry, doubtful=doubtful_before, outcome=Outcome.REJECTED, reason=reason)
    if meaning in PROVES_NOTHING:
        return replace(entry, doubtful=True, reason=reason, sent_at=now)
    return replace(entry, doubtful=doubtful_before, reason=reason)


def found(entry: Entry, looked: Looked) -> Entry:
    """A look has found it: it was applied.

    A plan of which only one backup was seen stays doubtful, since that backup may belong to something else. Its id is
    then unknown.
    """
    is_sure = not entry.automatic or looked.is_sure or looked.names_shown
    plan_id = looked.rows[0].backup_config_id if is_sure else None
    return replace(
        entry,
        doubtful=entry.automatic and not looked.is_sure,
        outcome=Outcome.ADOPTED,
        reason=_stands_alone(looked) if entry.automatic else looked.words,
        backup_id=looked.rows[0].id,
        plan_id=plan_id or entry.plan_id,
        looked=entry.looked + 1,
        evidence=looked.evidence,
    )


def _stands_alone(looked: Looked) -> str:
    return "" if looked.is_sure else f"backup {looked.rows[0].id} may be its first; a second one will confirm it"


def not_found(entry: Entry) -> Entry:
    """A look has not found it; `next_step` decides whether it may be sent again."""
    return replace(entry, looked=entry.looked + 1)


def expired(entry: Entry, reason: str, *, doubtful_before: bool) -> Entry:
    """The window closed before it could be sent or resent; the last attempt, if any, was not applied.

    Args:
        entry: as it is; doubtful even if the last response was a 429.
        reason: for people.
        doubtful_before: whether an earlier attempt was already doubtful; a later run then looks for it first.
    """
    outcome = Outcome.IN_DOUBT if doubtful_before else Outcome.EXPIRED
    return replace(entry, doubtful=doubtful_before, outcome=outcome, reason=reason)


def ended(entry: Entry, outcome: Outcome, reason: str) -> Entry:
    """The run is done with it."""
    return replace(entry, outcome=outcome, reason=reason)


def proven(entry: Entry, outcome: Outcome, proof: Proof) -> Entry:
    """Its backup was checked: complete, running, or broken. A plan exists even if its backup is broken."""
    return replace(
        entry,
        outcome=outcome,
        reason="; ".join(part for part in (proof.reason, proof.remark) if part),
        backup_id=proof.backup_id or entry.backup_id,
        broken=proof.completion is Completion.BAD and not entry.automatic,
        evidence=proof.evidence or entry.evidence,
    )


def sought_of(entry: Entry, target: Target) -> Sought:
    """What to look for in the backup list to find the entry's backup."""
    is_accepted = not entry.doubtful and entry.outcome in SETTLED
    return Sought(entry.key, target, entry.before, entry.sent_at, is_accepted, entry.attempts)


def reopened(entry: Entry) -> Entry:
    """A plan known from a single backup has made no second one in time: it is in doubt again.

    That backup belonged to something else; only newer ones count from now on.
    """
    before = replace(entry.before, backup=max(entry.before.backup, entry.backup_id or 0))
    return replace(entry, before=before, outcome=None, doubtful=True, backup_id=None, plan_id=None, reason="")
