"""How a target ended, and the verdict and exit code that follow from all outcomes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum
from typing import Final

from fleet.inventory.target import Target
from fleet.proof.proof import Completion, Evidence, Proof


class Outcome(StrEnum):
    """How a target ended; problems first, as people want to read them."""

    IN_DOUBT = "in_doubt"
    UNVERIFIED = "unverified"
    EXHAUSTED = "exhausted"
    REJECTED = "rejected"
    UNMET = "unmet"
    EXPIRED = "expired"
    NOT_TRIED = "not_tried"
    PLANNED = "planned"
    CREATED = "created"
    ADOPTED = "adopted"
    VERIFIED = "verified"

    @property
    def words(self) -> str:
        """Its name as people read it."""
        return self.replace("_", " ")


GOOD: Final = frozenset({Outcome.PLANNED, Outcome.CREATED, Outcome.ADOPTED, Outcome.VERIFIED})
STARTED: Final = GOOD | {Outcome.UNVERIFIED, Outcome.IN_DOUBT}

SETTLED: Final = GOOD | {Outcome.UNVERIFIED}
"""It exists: a run with the same key does not send it again. A failed one is re-created by a run with another key."""

MEANINGS: Final[Mapping[Outcome, str]] = {
    Outcome.VERIFIED: "accepted and proven complete",
    Outcome.ADOPTED: "already existed",
    Outcome.CREATED: "accepted by the API",
    Outcome.PLANNED: "dry run: the reason says what would be done",
    Outcome.NOT_TRIED: "the run stopped before it",
    Outcome.EXPIRED: "window closed; nothing was started",
    Outcome.UNMET: "precondition not met",
    Outcome.REJECTED: "refused by the API",
    Outcome.EXHAUSTED: "kept failing until retries ran out",
    Outcome.UNVERIFIED: "accepted, but failed, empty or not complete in time",
    Outcome.IN_DOUBT: "may or may not have been created",
}


NEXT_STEPS: Final[Mapping[Outcome, str]] = {
    Outcome.IN_DOUBT: "Run again with {again}: what has appeared by then is adopted, what is proven absent "
    "is created; the reason says from when. If the panel shows that it is missing, use `resend_plans` (for a plan) or "
    "another run key.",
    Outcome.UNVERIFIED: "Check these backups in the panel. A run with {again} re-creates those that failed "
    "or are empty, and checks late ones again.",
    Outcome.EXHAUSTED: "The API kept failing. Once it has recovered, run again with {again}.",
    Outcome.REJECTED: "Fix the stated reason in the panel or the fleet file, then run with {again}.",
    Outcome.UNMET: "Fix the stated reason in the panel or the fleet file, then run with {again}.",
    Outcome.EXPIRED: "Run with {again} while the window is open; it creates what is missing. If this "
    "happens often, start earlier, widen the window, or raise the caps.",
    Outcome.NOT_TRIED: "Run again with {again}; it continues where this run stopped.",
}
"""What to do about a target that failed; `{again}` stands for how to continue the run."""


@dataclass(frozen=True, slots=True)
class Result:
    """How one target ended.

    Attributes:
        target: what was asked for.
        server: the server's name.
        application: the application's name.
        outcome: how it ended.
        reason: why, so that a person can act on it; may be empty.
        backup_id: the id of the backup in the backup list, once seen there.
        attempts: how often the create was sent.
        seconds: from the first attempt to the end.
        domain: the application's primary domain; empty if unknown.
        evidence: how its backup was recognised; None if it was not.
        twins: the ids of all its backups, if it was created more than once.
        total_mb: MB of its parts before packing, as its backup shows them; None if unknown.
    """

    target: Target
    server: str
    application: str
    outcome: Outcome
    reason: str = ""
    backup_id: int | None = None
    attempts: int = 0
    seconds: float = 0.0
    domain: str = ""
    evidence: Evidence | None = None
    twins: tuple[int, ...] = ()
    total_mb: float | None = None

    def proven(self, proof: Proof | None) -> "Result":
        """Apply the proof: an accepted backup is now verified or unverified; an adopted one stays adopted."""
        if proof is None:
            return self
        is_complete = proof.completion is Completion.COMPLETE
        outcome = Outcome.VERIFIED if is_complete else Outcome.UNVERIFIED
        return replace(
            self,
            outcome=Outcome.ADOPTED if is_complete and self.outcome is Outcome.ADOPTED else outcome,
            reason="; ".join(part for part in (proof.reason, proof.remark) if part),
            backup_id=proof.backup_id,
            evidence=proof.evidence or self.evidence,
            twins=proof.twins,
            total_mb=proof.total_mb,
        )


class Exit(IntEnum):
    """The exit codes of the contract."""

    DONE = 0
    UNEXPECTED = 1
    USAGE = 2
    SOME_FAILED = 3
    NONE_STARTED = 4
    IN_DOUBT = 5
    API_UNUSABLE = 6
    TO_DO = 7
    """Of `plan`, `audit` and `doctor`, which change nothing: something differs."""
    INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Halt:
    """Why a run stopped early.

    Attributes:
        exit: the exit code that follows.
        reason: in one line.
    """

    exit: Exit
    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The one decision at the end of a run.

    Attributes:
        exit: the exit code of the contract; the gravest wins.
        text: what happened, in one line.
    """

    exit: Exit
    text: str


_NAMED: Final = 3
"""Targets of one outcome named in the verdict's text; more are only counted."""


def decide(results: Sequence[Result], halt: Halt | None = None, unread: Sequence[str] = ()) -> Verdict:
    """Decide what all outcomes together mean.

    Args:
        results: of every target of the run.
        halt: why the run stopped early, if it did.
        unread: a line for each server that could not be read: what should be backed up there is unknown.
    """
    verdict = _decide(results, halt)
    if not unread:
        return verdict
    servers = "; ".join(unread[:_NAMED]) if len(unread) <= _NAMED else f"{len(unread)} servers could not be read"
    text = f"{verdict.text}; {servers}" if verdict.text else servers
    at_least = Exit.SOME_FAILED if results else Exit.NONE_STARTED
    return Verdict(at_least if verdict.exit is Exit.DONE else verdict.exit, text)


def _decide(results: Sequence[Result], halt: Halt | None) -> Verdict:
    outcomes = Counter(result.outcome for result in results)
    told = halt.reason if halt else ""
    text = ", ".join(_phrase(outcome, results, told) for outcome in reversed(Outcome) if outcomes[outcome])
    twice = [result for result in results if result.twins]
    if twice:
        text = f"{text}; {_made_twice(twice)}"
    if halt:
        return Verdict(halt.exit, f"{halt.reason} ({text})" if text else halt.reason)
    if outcomes[Outcome.IN_DOUBT]:
        return Verdict(Exit.IN_DOUBT, text)
    if all(outcome in GOOD for outcome in outcomes):
        return Verdict(Exit.SOME_FAILED if twice else Exit.DONE, text)
    if not any(outcome in STARTED for outcome in outcomes):
        return Verdict(Exit.NONE_STARTED, text)
    return Verdict(Exit.SOME_FAILED, text)


def _made_twice(twice: Sequence[Result]) -> str:
    """For example `1 created twice (web-0002 · shop: backups 345, 346)`; without names it is not certain."""
    certain = all(each.evidence in (None, Evidence.NAMED) for each in twice)
    count = f"{len(twice)} {'created' if certain else 'possibly created'} twice"
    if len(twice) > _NAMED:
        return count
    named = (f"{each.server} · {each.application}: backups {', '.join(map(str, each.twins))}" for each in twice)
    return f"{count} ({'; '.join(named)})"


def _phrase(outcome: Outcome, results: Sequence[Result], told: str) -> str:
    """For example `1 unmet (web-0002: disk 99 % full)`; a reason that was told already is not repeated."""
    of_this = [result for result in results if result.outcome is outcome]
    count = f"{len(of_this)} {outcome.words}"
    if outcome in GOOD or outcome is Outcome.NOT_TRIED:
        return count
    reasons = dict.fromkeys(f"{result.server}: {result.reason}" for result in of_this if _is_new(result.reason, told))
    return f"{count} ({'; '.join(reasons)})" if 0 < len(reasons) <= _NAMED else count


def _is_new(reason: str, told: str) -> bool:
    return bool(reason) and not (told and told in reason)
