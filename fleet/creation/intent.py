"""What a run would do with a target, and why, before it is done: `plan` and dry runs.

Pure, and no second copy of the rules: the steps are those of `fleet.ledger.entry`, the drift that of
`fleet.creation.plans`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf
from typing import Any, Final

from fleet.creation.plans import changes, doubt, drift
from fleet.inventory.target import Target
from fleet.ledger.entry import Entry
from fleet.ledger.next_step import Step, next_step
from fleet.proof.absence import Looked, Rules, absence_of
from fleet.report.outcome import Outcome


class Action(StrEnum):
    """What a run would do with a target; in the order in which people want to read them, problems first."""

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
"""The action as a dry run says it; of one that is refused the reason alone is said."""


@dataclass(frozen=True, slots=True)
class Asked:
    """How the run would be started.

    Attributes:
        run_key: what makes two runs the same run; it is in the name of every instant backup.
        rules: of the protocol.
        update_plans: change automatic plans that differ from what is asked for.
        now: the time, in epoch seconds.
    """

    run_key: str
    rules: Rules = Rules()  # noqa: RUF009 - frozen
    update_plans: bool = False
    now: float = 0.0


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a target beside the fleet file.

    Attributes:
        problem: what is in its way (`fleet.observed.preconditions.problem_of`); None where nothing is.
        entry: as the ledger has it; None where it has none.
        is_taken: whether another run that goes on now acts on it, so that this one would wait and leave it as it is.
        looked: what the list of backups has shown of it.
        unread: why the list could not be read; empty where it was.
        has_unread_pages: whether older pages, that were not read, may show more of it.
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
        target: what is asked for.
        action: what would be done.
        reason: why, for people; empty where there is nothing to say.
        differences: of a plan that exists: for each field what it is and what is wanted.
        body: what would be sent; None where nothing would.
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
        """Whether something is to be done about it that can be done, by a run or by a run with other options."""
        return self.action not in (Action.NOTHING, Action.REFUSE) or bool(self.differences)

    @property
    def words(self) -> str:
        """The action, the differences and the reason, as a dry run says them."""
        parts = [changes(self.differences), self.reason]
        said = "; ".join(part for part in parts if part)
        if self.action is Action.REFUSE:
            return said
        return f"{WOULD[self.action]}: {said}" if said else WOULD[self.action]


def body_of(target: Target, run_key: str) -> dict[str, Any]:
    """The body of a target's create, as the fleet file asks for it now; there is no secret in it."""
    return target.request.body(target.backup_name(run_key))


def needs_look(entry: Entry | None, rules: Rules) -> bool:
    """Whether a run would read the list of backups before it decides about a target."""
    return entry is not None and next_step(entry, inf, rules, None) is Step.LOOK


def needs_plan_id(target: Target, entry: Entry | None, asked: Asked) -> bool:
    """Whether a run would read the list of backups for the id of a plan that it is to update."""
    if not asked.update_plans or entry is None or entry.plan_id is not None or not entry.is_settled:
        return False
    return entry.automatic and bool(drift(entry.request, target.request.body()))


def intent_of(target: Target, asked: Asked, known: Known) -> Intent:
    """Decide what a run would do with a target.

    Args:
        target: what the fleet file asks for.
        asked: how the run would be started.
        known: of the target.
    """
    if known.problem is not None:
        return Intent(target, Action.REFUSE, known.problem, outcome=Outcome.UNMET)
    if known.is_taken:
        return Intent(target, Action.NOTHING, "another run is at it now")
    entry = known.entry or Entry(target.key(asked.run_key), asked.run_key, target.request.automatic_backup)
    # Of the far future: a run waits until the list must show what was sent last.
    step = next_step(entry, inf, asked.rules, None)
    if step is Step.DONE:
        return _of_existing(target, entry, known, asked)
    if step is Step.SEND:
        return Intent(target, Action.CREATE, _why_again(entry), body=body_of(target, asked.run_key))
    return _of_doubtful(target, entry, known, asked)


def _of_doubtful(target: Target, entry: Entry, known: Known, asked: Asked) -> Intent:
    """What follows from a look at the list of backups."""
    if known.looked.rows:
        backup = known.looked.rows[0].id
        return Intent(target, Action.ADOPT, f"backup {backup} shows that an earlier attempt was applied")
    if known.unread:
        reason = f"it may have been created, and the list of backups could not be read: {known.unread}"
        return Intent(target, Action.REFUSE, reason, outcome=Outcome.IN_DOUBT)
    # A run waits for what is settled soon, and then sends.
    if next_step(entry, asked.now, asked.rules, known.looked) is Step.ASK:
        absence = absence_of(entry.attempt, known.looked, asked.rules, asked.now)
        return Intent(target, Action.REFUSE, doubt(entry, absence), outcome=Outcome.IN_DOUBT)
    reason = "it was sent before, and the list of backups does not show it"
    return Intent(target, Action.CREATE, reason, body=body_of(target, asked.run_key))


def _why_again(entry: Entry) -> str:
    """Why something is sent that the ledger knows already; empty where it does not, or nothing was sent yet."""
    if entry.broken:
        return f"anew: {entry.reason}"
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
        return Intent(target, Action.UPDATE, "where an older backup shows its id", differences, wanted)
    return Intent(target, Action.NOTHING, "its id is not known (yet): no backup shows that it made", differences)
