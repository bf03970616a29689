"""What a run would do with a target, and why: for `plan` and dry runs.

Pure, and not a second copy of the rules: the steps are those of `fleet.ledger.next_step`, the drift that of
`fleet.creation.plans`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf
from typing import Any, Final

from fleet.creation.doubt import doubt
from fleet.creation.plans import changes, drift
from fleet.inventory.target import Target
from fleet.ledger.entry import Entry
from fleet.ledger.next_step import Step, next_step
from fleet.proof.absence import Looked, Rules, absence_of
from fleet.report.outcome import Outcome


class Action(StrEnum):
    """What a run would do with a target; problems first, as people want to read them."""

    REFUSE = "refuse"
    CREATE = "create"
    UPDATE = "update"
    ADOPT = "adopt"
    NOTHING = "nothing"


WOULD: Final[Mapping[Action, str]] = {
    Action.CREATE: "would be created",
    Action.UPDATE: "would be updated",
    Action.ADOPT: "would be adopted",
    Action.NOTHING: "nothing to do",
}
"""The action as a dry run shows it; a refused target shows only the reason."""


@dataclass(frozen=True, slots=True)
class Asked:
    """How the run would be started.

    Attributes:
        run_key: the idempotency key; it is part of the key of every instant backup.
        rules: of the protocol.
        update_plans: whether to change automatic plans that differ from the fleet file.
        now: the time, in epoch seconds.
    """

    run_key: str
    rules: Rules = Rules()  # noqa: RUF009 - frozen
    update_plans: bool = False
    now: float = 0.0


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a target besides the fleet file.

    Attributes:
        problem: the precondition not met (`fleet.observed.preconditions.problem_of`); None if all are met.
        entry: as the ledger has it; None if it has none.
        is_taken: whether another running run acts on it, so that this one would wait and leave it unchanged.
        looked: what the backup list has shown of it.
        unread: why the backup list could not be read; empty if it was.
        has_unread_pages: whether older pages, which were not read, may show more of it.
    """

    problem: str | None = None
    entry: Entry | None = None
    is_taken: bool = False
    looked: Looked = Looked()  # noqa: RUF009 - frozen
    unread: str = ""
    has_unread_pages: bool = False


@dataclass(frozen=True, slots=True)
class Intent:
    """What a run would do with one target.

    Attributes:
        target: the target.
        action: what would be done.
        reason: why, for people; may be empty.
        differences: of an existing plan: for each differing field, the current and the wanted value.
        body: what would be sent; None if nothing would.
        outcome: as a dry run reports it.
    """

    target: Target
    action: Action
    reason: str = ""
    differences: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    outcome: Outcome = Outcome.PLANNED

    @property
    def is_to_do(self) -> bool:
        """Whether there is something that a run could do, possibly with other options."""
        return self.action not in (Action.NOTHING, Action.REFUSE) or bool(self.differences)

    @property
    def words(self) -> str:
        """The action, the differences and the reason, as a dry run shows them."""
        parts = [changes(self.differences), self.reason]
        said = "; ".join(part for part in parts if part)
        if self.action is Action.REFUSE:
            return said
        return f"{WOULD[self.action]}: {said}" if said else WOULD[self.action]


def body_of(target: Target, run_key: str) -> dict[str, Any]:
    """The body of a target's create, from the current fleet file; it contains no secrets."""
    return target.request.body(target.backup_name(run_key))


def needs_look(entry: Entry | None, rules: Rules) -> bool:
    """Whether a run would read the backup list before it decides about a target."""
    return entry is not None and next_step(entry, inf, rules, None) is Step.LOOK


def needs_plan_id(target: Target, entry: Entry | None, asked: Asked) -> bool:
    """Whether a run would read the backup list for the id of a plan that it should update."""
    if not asked.update_plans or entry is None or entry.plan_id is not None or not entry.is_settled:
        return False
    return entry.automatic and bool(drift(entry.request, target.request.body()))


def intent_of(target: Target, asked: Asked, known: Known) -> Intent:
    """Decide what a run would do with a target.

    Args:
        target: the target.
        asked: how the run would be started.
        known: what is known of the target.
    """
    if known.problem is not None:
        return Intent(target, Action.REFUSE, known.problem, outcome=Outcome.UNMET)
    if known.is_taken:
        return Intent(target, Action.NOTHING, "another run is processing it now")
    entry = known.entry or Entry(target.key(asked.run_key), asked.run_key, target.request.automatic_backup)
    # In the far future, since a run waits until the list must show the last attempt.
    step = next_step(entry, inf, asked.rules, None)
    if step is Step.DONE:
        return _of_existing(target, entry, known, asked)
    if step is Step.SEND:
        return Intent(target, Action.CREATE, _why_again(entry), body=body_of(target, asked.run_key))
    return _of_doubtful(target, entry, known, asked)


def _of_doubtful(target: Target, entry: Entry, known: Known, asked: Asked) -> Intent:
    """Decide from a look at the backup list."""
    if known.looked.rows:
        backup = known.looked.rows[0].id
        return Intent(target, Action.ADOPT, f"backup {backup} shows that an earlier attempt was applied")
    if known.unread:
        reason = f"it may have been created, but the backup list could not be read: {known.unread}"
        return Intent(target, Action.REFUSE, reason, outcome=Outcome.IN_DOUBT)
    # A run waits if that settles the doubt soon, and then sends.
    if next_step(entry, asked.now, asked.rules, known.looked) is Step.ASK:
        absence = absence_of(entry.attempt, known.looked, asked.rules, asked.now)
        return Intent(target, Action.REFUSE, doubt(entry, absence), outcome=Outcome.IN_DOUBT)
    reason = "sent before, but the backup list does not show it"
    return Intent(target, Action.CREATE, reason, body=body_of(target, asked.run_key))


def _why_again(entry: Entry) -> str:
    """Why a target already in the ledger is sent again; empty if it is new, or was never sent."""
    if entry.broken:
        return f"again: {entry.reason}"
    if entry.outcome is None:
        return ""
    return f"again: {entry.outcome.words}" + (f", {entry.reason}" if entry.reason else "")


def _of_existing(target: Target, entry: Entry, known: Known, asked: Asked) -> Intent:
    wanted = target.request.body()
    differences = drift(entry.request, wanted) if entry.automatic else {}
    if not differences:
        exists = (entry.outcome or Outcome.ADOPTED).words
        return Intent(target, Action.NOTHING, entry.reason or ("the plan exists" if entry.automatic else exists))
    if not asked.update_plans:
        return Intent(target, Action.NOTHING, "--update-plans changes it", differences)
    if entry.plan_id is not None or len({row.backup_config_id for row in known.looked.rows}) == 1:
        return Intent(target, Action.UPDATE, "", differences, wanted)
    if known.unread:
        return Intent(target, Action.REFUSE, f"its id is not known: {known.unread}", differences, outcome=Outcome.UNMET)
    if known.has_unread_pages:
        return Intent(target, Action.UPDATE, "if an older backup shows its id", differences, wanted)
    return Intent(target, Action.NOTHING, "its id is not known yet: no backup of it has been seen", differences)
