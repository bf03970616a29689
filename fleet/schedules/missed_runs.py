"""Whether a scheduled run has still to be made: of several that were missed only the last one is.

After a worker was down for three periods, three runs of a deployment are due at once. Its concurrency limit starts
them one after the other; this decision lets the newest make the backups and ends the others before they send anything
(docs/decisions/0012-schedules.md).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any


class Stage(StrEnum):
    """How far a run has come."""

    WAITING = "waiting"
    RUNNING = "running"
    ENDED = "ended"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class ScheduledRun:
    """A run that a schedule made.

    Attributes:
        id: of the flow run.
        due: its logical time.
        stage: how far it has come; `LOST` was cancelled or has crashed, and tells nothing about backups.
        parameters: what it was asked to do.
    """

    id: str
    due: datetime
    stage: Stage
    parameters: Mapping[str, Any]


def superseded(run: ScheduledRun, others: Iterable[ScheduledRun], now: datetime) -> str | None:
    """Decide whether another run of the deployment takes this one's place.

    Args:
        run: the run that is about to begin.
        others: the runs that schedules made of the same deployment; those with other parameters do not count.
        now: the time; what is due later does not count.

    Returns:
        Why this run makes no backups; None if it has to.
    """
    same = [other for other in others if other.id != run.id and other.parameters == run.parameters]
    counting = [other for other in same if other.due <= now and other.stage is not Stage.LOST]
    newer = [other for other in counting if other.due > run.due]
    if newer:
        last = max(newer, key=lambda other: other.due)
        return f"missed: the run of {_time(last.due)} {_VERBS[last.stage]} in its place; nothing was sent"
    if any(other.due == run.due and other.stage is Stage.ENDED for other in counting):
        return f"duplicate: another run of {_time(run.due)} has ended; nothing was sent"
    return None


_VERBS = {Stage.WAITING: "is due and runs", Stage.RUNNING: "is running", Stage.ENDED: "has run"}


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
