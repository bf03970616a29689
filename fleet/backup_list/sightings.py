"""What an audit remembers of the backup list, so that the next one reads only what is new. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from fleet.proof.completeness import is_unfinished
from fleet.serveravatar.models import Backup

BELIEVED: Final = timedelta(days=7)
"""For how long sightings are believed; then everything is read again, since a backup may have been deleted."""
WATCHED: Final = timedelta(days=2)
"""For how long an unfinished backup is read again in each audit, from when it began."""
SHOWN_LATE: Final = timedelta(minutes=5)
"""How late the list may show what has begun: backups that were younger are read again."""


@dataclass(frozen=True, slots=True)
class Sightings:
    """What was seen of an organization's list.

    Attributes:
        backups: the latest of each thing (`fleet.audit.backups.target_backups.latest_of_each`).
        floor: all rows with this id or a higher one were read; 0: the whole list.
        oldest: the time of the oldest row that was read; None if no row shows one.
        read_at: when the list was last read.
        since: when the first of it was seen; nothing older is believed.
    """

    backups: tuple[Backup, ...]
    floor: int
    oldest: datetime | None
    read_at: datetime
    since: datetime

    def are_believed(self, now: datetime) -> bool:
        """Whether they are recent enough; a clock that was set back makes them too old."""
        return timedelta() <= now - self.since < BELIEVED

    @property
    def read_down_to(self) -> int:
        """The id down to which the list must be read again: the newest row, or the oldest that may have changed."""
        newest = max((backup.id for backup in self.backups), default=0)
        return min((backup.id for backup in self.backups if self._may_have_changed(backup)), default=newest)

    def _may_have_changed(self, backup: Backup) -> bool:
        age = self.read_at - backup.created_at if backup.created_at else timedelta()
        return age < SHOWN_LATE or (age < WATCHED and is_unfinished(backup))
