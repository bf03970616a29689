"""Looks that begin at about the same time share one reading of the list."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import Final

from fleet.proof.absence import Looked
from fleet.proof.sought import Sought

GATHERING: Final = 0.2
"""Seconds that a look waits for others to share its reading."""

Read = Callable[[Collection[Sought]], Awaitable[dict[str, Looked]]]
"""Reads the list for what is sought, and returns what it has shown of each, by key."""


class SharedLooks:
    """Gathers looks, and reads the list for one gathering after another."""

    def __init__(self, read: Read) -> None:
        """Prepare; nothing is read yet."""
        self._read = read
        self._gathered: dict[str, Sought] = {}
        self._upcoming: asyncio.Task[dict[str, Looked]] | None = None
        self._readings: set[asyncio.Task[dict[str, Looked]]] = set()
        self._one_at_a_time = asyncio.Lock()

    async def look(self, sought: Sought) -> Looked:
        """Look for one backup; the reading begins after this call.

        Raises:
            Exception: what the reading raised, for all who share it.
        """
        self._gathered[sought.key] = sought
        if self._upcoming is None:
            self._upcoming = asyncio.create_task(self._read_for_all())
            self._readings.add(self._upcoming)
            self._upcoming.add_done_callback(self._readings.discard)
        # One who is cancelled must not end the reading of the others.
        found = await asyncio.shield(self._upcoming)
        return found[sought.key]

    async def close(self) -> None:
        """End what is being read: once its run is over, nobody waits for it."""
        readings = list(self._readings)
        for reading in readings:
            reading.cancel()
        await asyncio.gather(*readings, return_exceptions=True)

    async def _read_for_all(self) -> dict[str, Looked]:
        await asyncio.sleep(GATHERING)
        async with self._one_at_a_time:
            gathered, self._gathered, self._upcoming = self._gathered, {}, None
            return await self._read(gathered.values())
