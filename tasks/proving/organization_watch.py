"""The watch over the backup list of one organization: one for all that a run has started there."""

import asyncio
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Final

from fleet.backup_list.backup_list import BackupList
from fleet.proof.sought import Sought

FIRST_OF_A_PLAN: Final = 20.0
"""Seconds within which the first backup of a plan that starts at once shows; if none does, the plan stays `created`."""


class OrganizationWatch:
    """Looks at a backup list again and again, from the first backup that is awaited to the last.

    Attributes:
        watch: what is awaited, and what was seen of it.
        ended_at: when each was seen to have ended, by key.
        overdue: the keys of those that were given up since they took too long.
        pages: how many pages the last look took.
    """

    def __init__(self, backups: BackupList, sought: Collection[Sought], clock: Callable[[], datetime]) -> None:
        self.ended_at: dict[str, datetime] = {}
        self.overdue: set[str] = set()
        self.pages = 0
        self.watch = backups.watch(sought, lambda: None)
        self._backups = backups
        self._clock = clock
        self._began = asyncio.get_running_loop().time()

    def await_too(self, sought: Collection[Sought], covered: int | None = None) -> None:
        """Await what was sent since (`fleet.backup_list.watch.Watch.await_too`)."""
        self._backups.await_too(self.watch, sought, covered)

    async def look(self, *, last: bool = False) -> None:
        """Look at the list.

        Args:
            last: whether it is the last look, so that everything is read.

        Raises:
            ApiError: the list could not be read; what was read until then is known to the watch.
            ApiUnusableError: no request of this run will fare better.
        """
        before = set(self.watch.awaited)
        try:
            elapsed = asyncio.get_running_loop().time() - self._began
            self.pages = await self._backups.look_for_progress(self.watch, elapsed, last=last)
        finally:
            ended = before - self.watch.awaited.keys()
            self.ended_at |= dict.fromkeys(ended, self._clock())

    def give_up(self, key: str) -> None:
        """Stop awaiting one that takes too long."""
        self.overdue.add(key)
        self.watch.give_up(key)
