"""Entries and ledgers for tests of the database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from fleet.ledger.database.transaction import opened
from fleet.ledger.entry import Entry
from fleet.ledger.entry_rows import Subject
from fleet.ledger.store import Claim, Ledger
from fleet.proof.proof import Evidence
from fleet.proof.sought import Mark
from fleet.report.outcome import Outcome

SHOP = Subject(5, 15, "web-0001", 4246, "shop")


def key(number: int) -> str:
    return f"{number:016x}"


def entry(number: int = 1, **changes: Any) -> Entry:
    return replace(Entry(key(number), "nightly", automatic=False, request={"type": "application"}), **changes)


FULL = entry(
    attempts=3,
    doubtful=True,
    sent_at=1_000_000.25,
    before=Mark(2**40, 2**41, exact=True),
    reason="Ünïcode 'quoted' \\ 🦺",
    backup_id=2**42,
    plan_id=2**43,
    request={"type": "application", "application_id": 4246, "start_backup_from_now": True},
    looked=2,
    broken=True,
    outcome=Outcome.IN_DOUBT,
    evidence=Evidence.PLACED,
)
"""Every column filled, with ids that need 64 bits."""


async def claimed(ledger: Ledger, *wanted: Entry) -> list[Claim]:
    claims = await ledger.claim([(each, SHOP) for each in wanted])
    return [claims[each.key] for each in wanted]


async def stored(ledger: Ledger, number: int = 1) -> Entry:
    """What the ledger has, as another claim reads it."""
    return (await claimed(ledger, entry(number)))[0].entry


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[AsyncConnection]:
    """The database of a ledger, for whoever does something to it behind its back."""
    async with opened(url) as engine, engine.begin() as connection:
        yield connection
