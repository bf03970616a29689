"""One line of the ledger, and the protocol as pure transitions: never twice, never lost.

`sending` is recorded, durably, before the call, and presumes the worst: an entry that a crash leaves behind is
doubtful. A doubtful entry is looked up in the API's list before anything else is sent for it: `found` ends it. A look
that finds nothing lets an instant backup be sent, but not a plan, which shows in no list before its first backup. It
settles no doubt for good: the list may show a row late, so before anything else is sent later it is looked up again.
Source: docs/decisions/0008-the-ledger.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from fleet.outcome import SETTLED, Outcome
from fleet.serveravatar.catalogue import PROVES_NOTHING, REFUSALS, Meaning
from fleet.sought import NOTHING_KNOWN, Mark
from fleet.verification import Completion, Proof


@dataclass(frozen=True, slots=True)
class Entry:
    """What the ledger knows of one target within one run; of a plan: within all runs.

    Attributes:
        key: the target's key; the entry's name.
        run_key: of the run that made the entry.
        automatic: an automatic plan; else an instant backup.
        attempts: how often the create was sent, in all runs of the key.
        doubtful: an attempt may have been applied: only `found`, or an acceptance, ends that.
        sent_at: when the last attempt was sent, or its answer came or was lost; epoch seconds of the ledger's clock.
        before: what the list of backups held before the first attempt.
        outcome: how it ended; None while it is open.
        reason: why, for people.
        backup_id: the backup's id in the API's list, once it was seen there.
        plan_id: the plan's id (`backup_config_id`), once it was seen.
        request: the body that was sent last, or is to be sent, without secrets.
        looked: how often the list was read for it.
        broken: its backup ended failed or empty, so it is still missing: a run of the key makes it anew. Never a plan.
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

    @property
    def is_settled(self) -> bool:
        """Whether it exists, so that a run of the key sends it no more."""
        return self.outcome in SETTLED and not self.broken


class Step(StrEnum):
    """What is to be done next for an entry."""

    SEND = "send"
    """Record `sending`, then send."""
    LOOK = "look"
    """Read the list: an attempt may have been applied."""
    WAIT = "wait"
    """An attempt is too fresh: the list may not show it yet."""
    DONE = "done"
    """Nothing; it has ended well."""
    ASK = "ask"
    """A plan that may exist: only a person, or its first backup, can tell."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How the protocol behaves.

    Attributes:
        settle_seconds: how long after an attempt the list may not show it yet.
        resend_plans: send a plan again although it may exist.
    """

    settle_seconds: float = 5.0
    resend_plans: bool = False


def next_step(entry: Entry, now: float, rules: Rules, *, looked: bool) -> Step:
    """Decide what to do for an entry that is ours.

    Args:
        entry: as the ledger has it.
        now: epoch seconds of the ledger's clock.
        rules: of this run.
        looked: whether a look that began after the last attempt has settled found nothing.
    """
    if entry.is_settled:
        return Step.DONE
    if not entry.doubtful:
        return Step.SEND
    if not looked:
        settled = entry.sent_at is None or now >= entry.sent_at + rules.settle_seconds
        return Step.LOOK if settled else Step.WAIT
    if entry.automatic and not rules.resend_plans:
        return Step.ASK
    return Step.SEND


def sending(entry: Entry, now: float, before: Mark, request: Mapping[str, Any]) -> Entry:
    """An attempt is about to be sent: presume that it will be applied.

    Args:
        entry: as the ledger has it.
        now: epoch seconds of the ledger's clock.
        before: what the list of backups held when the run began.
        request: the body that is sent; the fleet file may have been mended since an earlier attempt.
    """
    anew = entry.attempts == 0 or entry.broken
    # Whatever the first page of the list showed, the broken one is none of what is now made.
    before = replace(before, backup=max(before.backup, entry.backup_id or 0)) if entry.broken else before
    return replace(
        entry,
        attempts=entry.attempts + 1,
        doubtful=True,
        sent_at=now,
        before=before if anew else entry.before,
        broken=False,
        outcome=None,
        reason="",
        request=request,
        backup_id=None,
    )


def sent_again(entry: Entry, now: float) -> Entry:
    """An attempt leaves later than it was recorded, since a 429 had to be waited for: the list's time begins anew."""
    return replace(entry, sent_at=now)


def answered(entry: Entry, meaning: Meaning, reason: str, now: float, *, doubtful_before: bool) -> Entry:
    """An attempt was answered, or will not be.

    Args:
        entry: as `sending` left it.
        meaning: of the answer.
        reason: for people.
        now: when the answer came or was lost; from then on the list is given time to show what was applied.
        doubtful_before: whether an earlier attempt was doubtful already.
    """
    if meaning is Meaning.ACCEPTED:
        return replace(entry, doubtful=False, outcome=Outcome.CREATED, reason="")
    if meaning in REFUSALS:
        return replace(entry, doubtful=doubtful_before, outcome=Outcome.REJECTED, reason=reason)
    if meaning in PROVES_NOTHING:
        return replace(entry, doubtful=True, reason=reason, sent_at=now)
    return replace(entry, doubtful=doubtful_before, reason=reason)


def found(entry: Entry, backup_id: int, plan_id: int | None) -> Entry:
    """A look has found it: it was applied."""
    return replace(
        entry,
        doubtful=False,
        outcome=Outcome.ADOPTED,
        reason="",
        backup_id=backup_id,
        plan_id=plan_id or entry.plan_id,
        looked=entry.looked + 1,
    )


def not_found(entry: Entry) -> Entry:
    """A look has not found it: an instant backup may be sent now, while of a plan that says nothing."""
    return replace(entry, looked=entry.looked + 1)


def expired(entry: Entry, reason: str, *, doubtful_before: bool) -> Entry:
    """The window closed before it could be sent, or sent again; what was sent last, if anything, was not applied.

    Args:
        entry: as it is; doubtful also when what was sent last was answered by a 429.
        reason: for people.
        doubtful_before: whether an earlier attempt was doubtful already: then a later run looks for it first.
    """
    outcome = Outcome.IN_DOUBT if doubtful_before else Outcome.EXPIRED
    return replace(entry, doubtful=doubtful_before, outcome=outcome, reason=reason)


def ended(entry: Entry, outcome: Outcome, reason: str) -> Entry:
    """The run is through with it."""
    return replace(entry, outcome=outcome, reason=reason)


def proven(entry: Entry, outcome: Outcome, proof: Proof) -> Entry:
    """Its backup was looked at: complete, on its way, or broken. A plan is there also if its backup is broken."""
    return replace(
        entry,
        outcome=outcome,
        reason=proof.reason or proof.remark,
        backup_id=proof.backup_id or entry.backup_id,
        broken=proof.completion is Completion.BAD and not entry.automatic,
    )
