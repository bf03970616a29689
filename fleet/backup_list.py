"""The list of backups of one organization, read for many targets at once and no further back than needed.

The answer of a create holds no id, so a backup is recognised by the key in its name. The order of the list is not
documented: newest first is made use of while it is seen, and any other order is read to the end.
"""

import asyncio
from collections.abc import Set as AbstractSet
from functools import partial
from typing import Final

from fleet.serveravatar.listing import Send, pages
from fleet.serveravatar.models import Backup
from fleet.serveravatar.wire import list_backups, read_rows
from fleet.target import key_in

GATHERING: Final = 0.2
"""Seconds that a look waits for others to share it."""


class BackupList:
    """Finds backups of this run in the list of an organization.

    Attributes:
        pages_read: how many pages the last reading took.
    """

    def __init__(self, send: Send, organization: int) -> None:
        self.pages_read = 0
        self._send = send
        self._organization = organization
        self._newest_before = 0
        self._asked: set[str] = set()
        self._upcoming: asyncio.Task[dict[str, Backup]] | None = None
        self._reading = asyncio.Lock()

    async def mark(self) -> None:
        """Remember what is there before the run: ids grow, so whatever has no higher one is older than the run."""
        async for page in pages(self._send, partial(list_backups, self._organization)):
            self._newest_before = max((backup.id for backup in read_rows(Backup, page.rows)), default=0)
            break

    async def look(self, key: str) -> Backup | None:
        """Look for one backup, in one reading with all others that look at about this time.

        The reading begins after this call, so what was applied before it is seen if the API shows it by then.

        Raises:
            ApiError: the list could not be read.
        """
        self._asked.add(key)
        if self._upcoming is None:
            self._upcoming = asyncio.create_task(self._read_for_all_who_asked())
        found = await asyncio.shield(self._upcoming)
        return found.get(key)

    async def _read_for_all_who_asked(self) -> dict[str, Backup]:
        await asyncio.sleep(GATHERING)
        async with self._reading:
            asked, self._asked, self._upcoming = self._asked, set(), None
            return await self.find(asked)

    async def find(self, keys: AbstractSet[str]) -> dict[str, Backup]:
        """Read the list until all keys were seen, or back to where the run began.

        Returns:
            The backups that carry one of the keys, by key.
        """
        found: dict[str, Backup] = {}
        seen: set[int] = set()
        lowest, newest_first, self.pages_read = float("inf"), True, 0
        async for page in pages(self._send, partial(list_backups, self._organization)):
            self.pages_read += 1
            for backup in read_rows(Backup, page.rows):
                if backup.id in seen:
                    continue  # Backups that began meanwhile have moved it down from the page before.
                seen.add(backup.id)
                newest_first = newest_first and backup.id < lowest
                lowest = min(lowest, backup.id)
                key = key_in(backup.name)
                if key is not None and key in keys:
                    found.setdefault(key, backup)
            if found.keys() >= keys or (newest_first and lowest <= self._newest_before):
                break
        return found
