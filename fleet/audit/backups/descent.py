"""How far down a newest-first list was read, and whether its times descend with its ids. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from fleet.serveravatar.models import Backup

JITTER: Final = timedelta(hours=1)
"""How far times may be out of order in a newest-first list: a plan's backup may be dated when it was due."""


class Descent:
    """How far down the list was read.

    Attributes:
        times_fall: whether times descend with ids, so that what is further down is older.
        lowest: the lowest id that was read.
        oldest: the time of the oldest row that was read; None if no row shows one.
    """

    def __init__(self) -> None:
        self.times_fall = True
        self.lowest = 2**63
        self.oldest: datetime | None = None

    def take(self, backups: Iterable[Backup]) -> None:
        """Continue with the next rows; rows that came in above meanwhile are no older than the first."""
        for backup in backups:
            if backup.id > self.lowest:
                continue
            time = backup.created_at
            if time is not None and self.oldest is not None and time > self.oldest + JITTER:
                self.times_fall = False
            self.lowest = backup.id
            self.oldest = min(filter(None, (self.oldest, time)), default=None)
