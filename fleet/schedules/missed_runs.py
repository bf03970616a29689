"""Whether a scheduled run still has to be made: of several missed runs, only the last is.

After a worker was down for three periods, three runs of a deployment are due at once. Its concurrency limit starts
them one after the other; this decision lets the newest create the backups and ends the others before they send anything
(docs/decisions/0012-schedules.md).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any


class Stage(StrEnum):
    """How far a run has got."""

    WAITING = "waiting"
    RUNNING = "running"
    ENDED = "ended"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class ScheduledRun:
    """A run created by a schedule.

    Attributes:
        id: of the flow run.
        due: its logical time.
        stage: how far it has got; `LOST` was cancelled or crashed, and proves nothing about backups.
        parameters: what it was asked to do.
    """

    id: str
    due: datetime
    stage: Stage
    parameters: Mapping[str, Any]


def superseded(run: ScheduledRun, others: Iterable[ScheduledRun], now: datetime) -> str | None:
    """Decide whether another run of the deployment replaces this one.

    Args:
        run: the run that is about to begin.
        others: the scheduled runs of the same deployment; those with other parameters do not count.
        now: the time; runs due later do not count.

    Returns:
        Why this run creates no backups; None if it has to.
    """
    same = [other for other in others if other.id != run.id and other.parameters == run.parameters]
    counting = [other for other in same if other.due <= now and other.stage is not Stage.LOST]
    newer = [other for other in counting if other.due > run.due]
    if newer:
        last = max(newer, key=lambda other: other.due)
        return f"missed: the run of {_time(last.due)} {_VERBS[last.stage]} instead; nothing was sent"
    if any(other.due == run.due and other.stage is Stage.ENDED for other in counting):
        return f"duplicate: another run of {_time(run.due)} has ended; nothing was sent"
    return None


_VERBS = {Stage.WAITING: "is due and runs", Stage.RUNNING: "is running", Stage.ENDED: "has run"}


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
