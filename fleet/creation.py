"""What follows from a create that did not succeed: whether it is sent again, and how its target ends when it is not.

Pure. The table is `design.md`'s "The 500s" and "Never twice, never lost" (docs/decisions/0003-look-before-resend.md).
"""

from dataclasses import dataclass
from typing import Any, Final

from fleet.outcome import Outcome
from fleet.serveravatar.catalogue import Meaning
from fleet.serveravatar.errors import ApiError

_FINAL: Final = {
    Meaning.REFUSED: Outcome.REJECTED,
    Meaning.REFUSED_FOR_NOW: Outcome.REJECTED,
    Meaning.TOKEN_REFUSED: Outcome.NOT_TRIED,
}
_PROVEN_NOT_APPLIED: Final = frozenset({Meaning.UNAVAILABLE, Meaning.RATE_LIMITED})


@dataclass(frozen=True, slots=True)
class Failure:
    """What one failed attempt means.

    Attributes:
        retry: whether it is worth sending again, once the list of backups does not show it.
        outcome: how the target ends if it is not sent again.
        doubtful: whether it may have been applied: the list is looked at before anything else is sent.
    """

    retry: bool
    outcome: Outcome
    doubtful: bool


def after_failure(meaning: Meaning, *, automatic_backup: bool) -> Failure:
    """Decide what a failed attempt means.

    A plan shows in no list before its first backup, so it is resent only where nothing can have been applied.
    """
    if meaning in _FINAL:
        return Failure(retry=False, outcome=_FINAL[meaning], doubtful=False)
    if meaning in _PROVEN_NOT_APPLIED:
        return Failure(retry=True, outcome=Outcome.EXHAUSTED, doubtful=False)
    if automatic_backup:
        return Failure(retry=False, outcome=Outcome.IN_DOUBT, doubtful=True)
    return Failure(retry=True, outcome=Outcome.EXHAUSTED, doubtful=True)


class CreateError(Exception):
    """A create that failed, as the state of its Prefect task holds it.

    Attributes:
        outcome: how the target ends if this was the last attempt.
        reason: why, for people; without secrets.
        retry: whether it is worth sending again.
    """

    def __init__(self, outcome: Outcome, reason: str, *, retry: bool) -> None:
        self.outcome = outcome
        self.reason = reason
        self.retry = retry
        super().__init__(reason)

    # Prefect pickles the exception of a failed task; the default would rebuild it from the text alone.
    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuilt, (self.outcome, self.reason, self.retry)


def _rebuilt(outcome: Outcome, reason: str, retry: bool) -> CreateError:
    return CreateError(outcome, reason, retry=retry)


def reason_of(error: ApiError, failure: Failure, *, automatic_backup: bool) -> str:
    """Say why a target ended as it did, and what a person can do."""
    if failure.outcome is Outcome.IN_DOUBT and automatic_backup:
        return f"{error.message}; the plan may exist or not, look for it in the panel before creating it again"
    return error.message
