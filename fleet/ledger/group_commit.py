"""Group commit: all entries saved while a commit is in flight share the next one."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from fleet.ledger.database.engine import LedgerError
from fleet.ledger.entry import Entry

Write = Callable[[Sequence[Entry]], Awaitable[set[str]]]
"""Writes entries in one commit, later ones of a key last; returns the keys that this run owns."""


class LostLeaseError(Exception):
    """Another run has taken the entry over, since this one did not renew its lease in time."""


class GroupedSaves:
    """Collects entries and writes them group by group."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._waiting: list[tuple[Entry, asyncio.Future[None]]] = []
        self._has_work = asyncio.Event()

    async def save(self, entry: Entry) -> None:
        """Wait until an entry is durably written.

        Raises:
            LedgerError: the ledger cannot be written.
            LostLeaseError: this run no longer owns the entry.
        """
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((entry, done))
        self._has_work.set()
        await done

    async def write_next_group(self) -> None:
        """Wait for something to write, then write everything pending."""
        await self._has_work.wait()
        self._has_work.clear()
        group, self._waiting = self._waiting, []
        try:
            ours = await self._write([entry for entry, _ in group])
        except asyncio.CancelledError:
            self._waiting = [*group, *self._waiting]
            self._has_work.set()
            raise
        except Exception as error:  # noqa: BLE001 - the callers must get it, or the run would wait for ever
            words = str(error) if isinstance(error, LedgerError) else f"the ledger cannot be written: {error!r}"
            for _, done in group:
                if not done.done():
                    done.set_exception(LedgerError(words))
            return
        for entry, done in group:
            if done.done():
                continue
            if entry.key in ours:
                done.set_result(None)
            else:
                done.set_exception(LostLeaseError(f"another run has taken over {entry.key}"))

    def close(self) -> None:
        """Fail what waits and will not be written any more."""
        for _, done in self._waiting:
            if not done.done():
                done.set_exception(LedgerError("the ledger was closed while it was away"))
