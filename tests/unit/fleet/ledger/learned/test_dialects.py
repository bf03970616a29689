"""Dialects in the ledger, on SQLite and on PostgreSQL alike."""

import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa

from fleet.dialect.dialect import UNKNOWN, Dialect, Names
from fleet.ledger.database import schema
from fleet.ledger.database.engine import LedgerError
from fleet.ledger.learned.dialects import read_dialect, save_dialect
from fleet.ledger.store import Ledger
from tests.unit.fleet.dialect.dialects import FULL
from tests.unit.fleet.ledger.ledgers import claimed, connected, entry, stored

pytestmark = pytest.mark.anyio
API = "https://api.example.org"


async def test_what_was_learned_comes_back_whole_and_is_of_one_api_and_organization(url: str) -> None:
    assert await read_dialect(url, API, 2**40) == UNKNOWN
    await save_dialect(url, API, 2**40, FULL)
    assert await read_dialect(url, API, 2**40) == FULL
    assert await read_dialect(url, API, 5) == UNKNOWN
    assert await read_dialect(url, "https://elsewhere.example.org", 2**40) == UNKNOWN


def test_reading_makes_no_ledger(tmp_path: Path) -> None:
    assert asyncio.run(read_dialect(f"sqlite:///{tmp_path / 'ledger.sqlite'}", API, 5)) == UNKNOWN
    assert not list(tmp_path.iterdir())


async def test_runs_that_learn_at_once_forget_nothing_of_each_others(url: str) -> None:
    learned = [Dialect(statuses={f"word {number}": "complete"}) for number in range(8)]
    learned += [Dialect(names=Names.HIDDEN), Dialect(shows_after=8.0), Dialect(shows_after=5.0)]
    await asyncio.gather(*(save_dialect(url, API, 5, each) for each in learned))
    known = await read_dialect(url, API, 5)
    assert set(known.statuses) == {f"word {number}" for number in range(8)}
    assert (known.names, known.shows_after) == (Names.HIDDEN, 8.0)


async def test_facts_of_another_version_that_are_not_understood_are_learned_again(url: str) -> None:
    await save_dialect(url, API, 5, FULL)
    strange = {**FULL.model_dump(mode="json"), "names": "in another language", "offsets": "none", "more": 1}
    async with connected(url) as connection:
        await connection.execute(schema.dialects.update().values(facts=strange))
    assert await read_dialect(url, API, 5) == UNKNOWN


async def test_a_ledger_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").write_text("this is no database" * 100, "utf-8")
    with pytest.raises(LedgerError, match="cannot be used"):
        await read_dialect(f"sqlite:///{tmp_path / 'ledger.sqlite'}", API, 5)


async def test_a_ledger_from_before_the_first_contact_is_brought_up_to_date(url: str) -> None:
    async with Ledger(url) as ledger:
        await claimed(ledger, entry())
    async with connected(url) as connection:
        for column in ("mark_exact", "evidence"):
            await connection.execute(sa.text(f"ALTER TABLE entry DROP COLUMN {column}"))
        await connection.execute(sa.text("DROP TABLE dialect"))
        await connection.execute(sa.text("DROP TABLE claim"))
        await connection.execute(schema.schema_version.update().values(version=4))
    async with Ledger(url) as ledger:
        assert await stored(ledger) == entry()
    async with connected(url) as connection:
        assert (await connection.scalars(sa.select(schema.entries.c.mark_exact))).all() == [False]
        assert (await connection.scalars(sa.select(schema.claims.c.key))).all() == []
    assert await read_dialect(url, API, 5) == UNKNOWN
