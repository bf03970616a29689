"""The ledger, read only."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from fleet.ledger import owner_process
from fleet.ledger.database.engine import LedgerError
from fleet.ledger.reading import RecordedEntry, read_entries, read_plans, sent_plans
from fleet.ledger.store import Ledger
from fleet.report.outcome import Outcome
from tests.unit.fleet.ledger.ledgers import FULL, SHOP, entry, key
from tests.unit.fleet.reports import report

pytestmark = pytest.mark.anyio
EXISTS = {"outcome": Outcome.CREATED, "automatic": True}


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/ledger.sqlite"


@pytest.fixture
async def told(url: str) -> str:
    wanted = [
        FULL,
        entry(2, **EXISTS),
        entry(3, automatic=True, doubtful=True, run_key="by hand"),
        entry(4, automatic=True, outcome=Outcome.REJECTED),
        entry(5, outcome=Outcome.VERIFIED),
    ]
    async with Ledger(url) as ledger:
        await ledger.claim([(each, SHOP) for each in wanted])
        await ledger.record_run("a.yaml", report())
        await ledger.record_run("b.yaml", report())
    return url


async def test_entries_are_read_by_key_however_many_are_asked_for(told: str) -> None:
    found = await read_entries(told, map(key, range(1, 1_300)))
    assert found.keys() == {key(number) for number in range(1, 6)}
    assert found[key(1)] == RecordedEntry(FULL, is_taken=False)


async def test_what_a_run_acts_on_is_taken_until_it_ends_or_dies(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with Ledger(url) as ledger:
        await ledger.claim([(entry(1), SHOP)])
        assert (await read_entries(url, [key(1)]))[key(1)].is_taken
        monkeypatch.setattr(owner_process, "is_alive", lambda _: False)
        assert not (await read_entries(url, [key(1)]))[key(1)].is_taken
    monkeypatch.undo()
    assert not (await read_entries(url, [key(1)]))[key(1)].is_taken


async def test_plans_are_those_that_exist_or_may_exist_with_the_fleets_that_made_them(told: str) -> None:
    plans = {plan.entry.key: plan for plan in await read_plans(told)}
    assert {each: plan.fleets for each, plan in plans.items()} == {
        key(2): frozenset({"a.yaml", "b.yaml"}),
        key(3): frozenset(),
    }
    assert plans[key(2)].subject == SHOP
    assert await sent_plans(told) == frozenset(plans)


async def test_a_ledger_that_is_not_there_is_empty_and_is_not_made(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/folder/ledger.sqlite"
    assert await read_entries(url, [key(1)]) == {}
    assert await read_plans(url) == []
    assert not os.listdir(tmp_path)  # noqa: PTH208


async def test_an_older_ledger_is_read_and_left_as_old_as_it_is(told: str, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as database:
        database.executescript("DROP TABLE budget; UPDATE schema_version SET version = 1;")
    assert len(await read_plans(told)) == 2
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as database:
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
        assert database.execute("SELECT version FROM schema_version").fetchall() == [(1,)]
    assert "budget" not in tables


async def test_a_ledger_that_cannot_be_read_says_which(tmp_path: Path) -> None:
    (tmp_path / "text.sqlite").write_text("dear diary, " * 500, "utf-8")
    with pytest.raises(LedgerError, match=r"text\.sqlite cannot be used"):
        await read_entries(f"sqlite:///{tmp_path}/text.sqlite", [key(1)])
    with pytest.raises(LedgerError, match="is not a database URL"):
        await read_plans("nonsense")


async def test_postgresql_is_read_as_well(postgresql_url: str) -> None:
    assert await read_plans(postgresql_url) == []
    async with Ledger(postgresql_url) as ledger:
        await ledger.claim([(entry(2, **EXISTS), SHOP)])
    assert await sent_plans(postgresql_url) == {key(2)}
