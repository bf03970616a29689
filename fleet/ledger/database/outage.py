"""A database that is away for a while: what is lost is told apart from what is wrong, and waited for within bounds.

The one place that repeats transactions of the ledger, so each of them is safe to repeat: the answer to a commit may be
lost although it was made. Source: docs/decisions/0026-ledger-outages.md.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, TypeVar

import sqlalchemy as sa

from fleet.ledger.database.engine import (
    BUSY_SECONDS,
    UNUSABLE,
    LedgerError,
    ReplacedLedgerError,
    explained,
    in_words,
    named,
    refuse,
)
from fleet.ledger.database.lost_connection import is_lost
from fleet.ledger.database.shielded import shielded

CONTACT_SECONDS: Final = float(BUSY_SECONDS)
"""How long a ledger is waited for when it is opened, as long as for one that another program holds."""
SLOWEST_RETRY: Final = 1.0
"""Most seconds between two attempts."""
FORGOTTEN_SECONDS: Final = 60.0
"""An outage that nobody has noticed for so long is over."""
Result = TypeVar("Result")
Tell = Callable[[str], None]


class Outage:
    """Since when a database has been away; one for all transactions of this process that use it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since: float | None = None
        self._noticed = 0.0
        self._told: Tell | None = None

    def pause(self, attempts: int, most: float) -> float | None:
        """How long to wait before the next attempt.

        Args:
            attempts: how many this transaction has made, at least one.
            most: seconds of an outage that are waited for.

        Returns:
            Seconds, none after the first attempt, since most often only its connection was lost; None if the database
            has been away for too long.
        """
        now = self._clock()
        is_new = self._since is None or now - self._noticed > FORGOTTEN_SECONDS
        since = self._since = now if is_new or self._since is None else self._since
        self._noticed = now
        if now - since >= most and not is_new:
            return None
        return 0.0 if attempts == 1 else min(SLOWEST_RETRY, 0.05 * 2**attempts)

    def tell(self, tell: Tell, url: sa.URL, error: Exception, most: float) -> None:
        """Say once that the database is waited for."""
        if self._told is None:
            self._told = tell
            tell(f"waiting for {named(url)}, {most:.0f} s at most: {in_words(error)}")

    def over(self) -> None:
        """The database is back; that is said where it was said that it was waited for."""
        if self._told and self._since is not None:
            self._told(f"the ledger is back after {self._clock() - self._since:.0f} s")
        self._since, self._told = None, None


_outages: dict[str, Outage] = {}


def outage_of(url: sa.URL) -> Outage:
    """The outage of a database, for all that this process does with it."""
    return _outages.setdefault(url.render_as_string(hide_password=False), Outage())


async def repeated(
    transaction: Callable[[], Coroutine[Any, Any, Result]],
    url: sa.URL,
    most: float | None = None,
    tell: Tell = lambda _: None,
    *,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Result:
    """Make a transaction, again and again while its database is away; each attempt goes to its end if cancelled.

    Args:
        transaction: a whole one, safe to repeat even if it was committed.
        url: of the database.
        most: seconds of an outage that are waited for; None: `CONTACT_SECONDS`.
        tell: says to people that it waits, and that it need not wait any more.
        sleep: waits between two attempts.

    Raises:
        LedgerError: the ledger cannot be used, or was away for too long.
    """
    outage, attempts = outage_of(url), 0
    most = CONTACT_SECONDS if most is None else most
    while True:
        attempts += 1
        try:
            result = await shielded(transaction)()
        except UNUSABLE as error:
            pause = outage.pause(attempts, most) if _is_remote(url) and is_lost(error) else None
            if isinstance(error, ReplacedLedgerError):
                refuse(url)
            if pause is None:
                raise LedgerError(explained(url, error)) from None
            if pause:
                outage.tell(tell, url, error, most)
        else:
            outage.over()
            return result
        await sleep(pause)


def _is_remote(url: sa.URL) -> bool:
    return url.get_backend_name() == "postgresql"
