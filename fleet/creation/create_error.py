"""A create that failed, as stored in the state of its Prefect task."""

from typing import Any

from fleet.report.outcome import Outcome


class CreateError(Exception):
    """A create that failed, as stored in the state of its Prefect task.

    Attributes:
        outcome: how the target ends if this was the last attempt.
        reason: why, for people; without secrets.
        retry: whether it is worth a retry.
    """

    def __init__(self, outcome: Outcome, reason: str, *, retry: bool) -> None:
        self.outcome = outcome
        self.reason = reason
        self.retry = retry
        super().__init__(reason)

    # Prefect pickles the exception of a failed task; by default only the text would survive.
    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuilt, (self.outcome, self.reason, self.retry)


def _rebuilt(outcome: Outcome, reason: str, retry: bool) -> CreateError:
    return CreateError(outcome, reason, retry=retry)
