"""How a target ended, and what all outcomes together mean."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum
from typing import Final

from fleet.inventory.target import Target
from fleet.proof.proof import Completion, Evidence, Proof


class Outcome(StrEnum):
    """How a target ended; in the order in which people want to read them, problems first."""

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
"""It exists: a run of the same key sends it no more. One that failed is made anew by a run of another key."""

MEANINGS: Final[Mapping[Outcome, str]] = {
    Outcome.VERIFIED: "accepted and proven complete",
    Outcome.ADOPTED: "it was there already",
    Outcome.CREATED: "accepted by the API",
    Outcome.PLANNED: "dry run: the reason says what would be done",
    Outcome.NOT_TRIED: "the run stopped first",
    Outcome.EXPIRED: "its window was closed; nothing was started",
    Outcome.UNMET: "a precondition is broken; nothing was sent",
    Outcome.REJECTED: "refused by the API",
    Outcome.EXHAUSTED: "transient faults to the end of retries",
    Outcome.UNVERIFIED: "accepted, but failed, empty or not complete in time",
    Outcome.IN_DOUBT: "nobody knows whether it was created",
}


NEXT_STEPS: Final[Mapping[Outcome, str]] = {
    Outcome.IN_DOUBT: "Run again with `failed_from: last`: what shows by then is adopted, and what is proven absent is "
    "created; the reason says from when on. What you know to be missing in the panel needs `resend_plans` (a plan), "
    "or another run key.",
    Outcome.UNVERIFIED: "Look at these backups in the panel: one that failed or is empty is made anew by a run with "
    "`failed_from: last`; one that was only late is looked at again.",
    Outcome.EXHAUSTED: "The API kept failing. Run again with `failed_from: last` when it is well.",
    Outcome.REJECTED: "Mend what the reason says, in the panel or the fleet file, then run with `failed_from: last`.",
    Outcome.UNMET: "Mend what the reason says, in the panel or the fleet file, then run with `failed_from: last`.",
    Outcome.EXPIRED: "Run with `failed_from: last` while the window is open: it makes what is missing. If this happens "
    "often, begin earlier, widen the window, or raise the caps.",
    Outcome.NOT_TRIED: "Run again with `failed_from: last`; it continues where this run stopped.",
}
"""What a person does about a target that did not end well."""


@dataclass(frozen=True, slots=True)
class Result:
    """How one target ended.

    Attributes:
        target: what was asked for.
        server: the server's name.
        application: the application's name.
        outcome: how it ended.
        reason: why, in words a person can act on; empty where there is nothing to say.
        backup_id: the id of the backup in the API's list, once it was seen there.
        attempts: how often the create was sent.
        seconds: from the first attempt to the end.
        domain: the application's primary domain; empty when unknown.
        evidence: by what its backup was recognised; None where none was.
        twins: the ids of all its backups, when it was made more than once.
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

    def proven(self, proof: Proof | None) -> "Result":
        """Take the proof into account: an accepted backup is now verified or not, an adopted one stays adopted."""
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
    """Of `plan` and `audit`, which change nothing: something is not as it should be."""
    INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Halt:
    """Why a run stopped sending before its end.

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
"""So many of an outcome are named in the verdict's text; more are only counted."""


def decide(results: Sequence[Result], halt: Halt | None = None, unread: Sequence[str] = ()) -> Verdict:
    """Decide what all outcomes together mean.

    Args:
        results: of every target of the run.
        halt: why the run stopped before its end, if it did.
        unread: servers that could not be read, in words: what should be backed up there nobody knows.
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
    text = ", ".join(_phrase(outcome, results) for outcome in reversed(Outcome) if outcomes[outcome])
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
    """For example `1 made twice (web-0002 · shop: backups 345, 346)`; without a name, nobody knows that for certain."""
    certain = all(each.evidence in (None, Evidence.NAMED) for each in twice)
    count = f"{len(twice)} {'made' if certain else 'may be made'} twice"
    if len(twice) > _NAMED:
        return count
    named = (f"{each.server} · {each.application}: backups {', '.join(map(str, each.twins))}" for each in twice)
    return f"{count} ({'; '.join(named)})"


def _phrase(outcome: Outcome, results: Sequence[Result]) -> str:
    """For example `1 unmet (web-0002: disk 99 % full)`."""
    of_this = [result for result in results if result.outcome is outcome]
    count = f"{len(of_this)} {outcome.words}"
    if outcome in GOOD or outcome is Outcome.NOT_TRIED:
        return count
    reasons = dict.fromkeys(f"{result.server}: {result.reason}" for result in of_this if result.reason)
    return f"{count} ({'; '.join(reasons)})" if 0 < len(reasons) <= _NAMED else count
