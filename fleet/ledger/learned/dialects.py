"""How APIs were seen to behave, by URL and organization, so that a rotated token forgets nothing."""

import time
from collections.abc import Callable

import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection

from fleet.dialect.changes import changes
from fleet.dialect.combining import combined
from fleet.dialect.dialect import UNKNOWN, Dialect
from fleet.dialect.headers import Headers
from fleet.dialect.learner import Learner
from fleet.ledger.database.engine import LedgerError
from fleet.ledger.database.schema import dialects
from fleet.ledger.database.transaction import read, written
from fleet.ledger.database.upsert import upsert


async def read_dialect(url: str, api: str, organization: int) -> Dialect:
    """What is known of an API; nothing if it was never used, or if there is no ledger.

    Raises:
        LedgerError: the ledger cannot be read.
    """

    async def work(connection: AsyncConnection) -> Dialect:
        return _dialect(await connection.scalar(_facts(api, organization)))

    return await read(url, work, UNKNOWN)


async def save_dialect(url: str, api: str, organization: int, learned: Dialect) -> None:
    """Store what was learned, combined with what another run may have learned meanwhile.

    Raises:
        LedgerError: the ledger cannot be written.
    """

    async def work(connection: AsyncConnection) -> None:
        stored = _dialect(await connection.scalar(_facts(api, organization).with_for_update()))
        facts = combined(stored, learned).model_dump(mode="json", exclude_defaults=True)
        row = {"api": api, "organization": organization, "facts": facts, "updated_at": time.time()}
        await upsert(connection, dialects, [row])

    await written(url, work)


def _facts(api: str, organization: int) -> sa.Select[tuple[object]]:
    return sa.select(dialects.c.facts).where(dialects.c.api == api, dialects.c.organization == organization)


def _dialect(facts: object) -> Dialect:
    """The stored facts; those of an incompatible version are learned again."""
    try:
        return Dialect.model_validate(facts or {})
    except ValidationError:
        return UNKNOWN


class LedgerDialects:
    """The dialects of one API in the ledger; an unusable ledger causes a warning, not a failure."""

    def __init__(self, url: str, api: str, warn: Callable[[str], None]) -> None:
        """Prepare it; nothing is opened yet.

        Args:
            url: of the ledger.
            api: its URL.
            warn: called if the ledger cannot be used.
        """
        self._url = url
        self._api = api
        self._warn = warn
        self.headers = Headers()

    async def recall(self, organization: int) -> Learner:
        """Continue learning from what is known of an organization's lists."""
        try:
            return Learner(await read_dialect(self._url, self._api, organization))
        except LedgerError as error:
            self._warn(f"nothing learned about the API is available: {error}")
            return Learner()

    async def remember(self, organization: int, learner: Learner) -> list[str]:
        """Store what was learned, also from all response headers; return what has changed, one line each."""
        self.headers.teach(learner)
        try:
            await save_dialect(self._url, self._api, organization, learner.dialect)
        except LedgerError as error:
            self._warn(f"what was learned about the API is not stored: {error}")
        return [f"organization {organization}: {line}" for line in changes(learner.known, learner.dialect)]
