"""What an audit remembers of the list of backups, so that the next one reads only what is new. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from fleet.proof.serving import is_unfinished
from fleet.serveravatar.models import Backup

BELIEVED: Final = timedelta(days=7)
"""After so long everything is read anew: a remembered backup may have been deleted since."""
WATCHED: Final = timedelta(days=2)
"""A backup that began longer ago and is unfinished is not looked at again until everything is."""
SHOWN_LATE: Final = timedelta(minutes=5)
"""The list may not show for so long what has just begun, so what was this young is read again."""
JITTER: Final = timedelta(hours=1)
"""The times of a list that is newest first may be out of order by so much: a plan's backup may bear that of its due."""


@dataclass(frozen=True, slots=True)
class Sightings:
    """What was seen of an organization's list.

    Attributes:
        backups: the latest of each thing (`fleet.audit.evidence.latest_of_each`).
        floor: all rows with this id or a higher one were read; 0: all of the list.
        oldest: the time of the oldest row that was read; None where no row tells.
        read_at: when the list was read last.
        since: when the first of it was seen, and nothing before that is believed.
    """

    backups: tuple[Backup, ...]
    floor: int
    oldest: datetime | None
    read_at: datetime
    since: datetime

    def are_believed(self, now: datetime) -> bool:
        """Whether they are young enough; a clock that was set back makes them old."""
        return timedelta() <= now - self.since < BELIEVED

    @property
    def read_down_to(self) -> int:
        """The id down to which the list has to be read again: the newest row, or the oldest that may have changed."""
        newest = max((backup.id for backup in self.backups), default=0)
        return min((backup.id for backup in self.backups if self._may_have_changed(backup)), default=newest)

    def _may_have_changed(self, backup: Backup) -> bool:
        age = self.read_at - backup.created_at if backup.created_at else timedelta()
        return age < SHOWN_LATE or (age < WATCHED and is_unfinished(backup))


class Descent:
    """How far down a list was read whose ids fall, and whether its times fall with them."""

    def __init__(self) -> None:
        self.times_fall = True
        self.lowest = 2**63
        self.oldest: datetime | None = None

    def take(self, backups: Iterable[Backup]) -> None:
        """Go on with the next rows; those that have come in above meanwhile are no older than the first."""
        for backup in backups:
            if backup.id > self.lowest:
                continue
            time = backup.created_at
            if time is not None and self.oldest is not None and time > self.oldest + JITTER:
                self.times_fall = False
            self.lowest = backup.id
            self.oldest = min(filter(None, (self.oldest, time)), default=None)
