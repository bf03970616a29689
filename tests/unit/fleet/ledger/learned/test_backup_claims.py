"""Claims of rows, on SQLite and on PostgreSQL alike: a row is one target's, for all runs."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from fleet.ledger.database.engine import LedgerError
from fleet.ledger.learned.backup_claims import KnownClaims, LedgerClaims, known_plans
from fleet.ledger.store import Ledger
from fleet.report.outcome import Outcome
from tests.unit.fleet.ledger.ledgers import SHOP, entry, key

pytestmark = pytest.mark.anyio
API, ELSEWHERE = "https://api.example.org", "https://elsewhere.example.org"


async def test_who_claims_a_row_first_has_it(url: str) -> None:
    async with Ledger(url) as ledger:
        claims = LedgerClaims(ledger, API)
        assert await claims.claim(5, {2**40: key(1), 8: key(2)}) == {2**40: key(1), 8: key(2)}
        assert await claims.claim(5, {2**40: key(9), 8: key(2), 9: key(9)}) == {2**40: key(1), 8: key(2), 9: key(9)}
    async with Ledger(url) as later:
        assert await LedgerClaims(later, API).claim(5, {8: key(3)}) == {8: key(2)}, "also after the run"


async def test_the_rows_of_another_organization_or_api_are_other_rows(url: str) -> None:
    async with Ledger(url) as ledger:
        assert await LedgerClaims(ledger, API).claim(5, {8: key(1)}) == {8: key(1)}
        assert await LedgerClaims(ledger, API).claim(6, {8: key(2)}) == {8: key(2)}
        assert await LedgerClaims(ledger, ELSEWHERE).claim(5, {8: key(3)}) == {8: key(3)}


async def test_runs_that_claim_at_once_never_share_a_row(url: str) -> None:
    async with AsyncExitStack() as stack:
        ledgers = [await stack.enter_async_context(Ledger(url)) for _ in range(3)]
        wanted = [{row: key(number) for row in range(20)} for number in range(3)]
        claimed = await asyncio.gather(
            *(LedgerClaims(ledger, API).claim(5, each) for ledger, each in zip(ledgers, wanted, strict=True))
        )
    assert claimed[0] == claimed[1] == claimed[2]
    assert claimed[0].keys() == set(range(20))


async def test_more_rows_than_a_statement_takes_are_claimed_in_one_transaction(url: str) -> None:
    wanted = {row: key(row) for row in range(1, 1300)}
    async with Ledger(url) as ledger:
        assert await LedgerClaims(ledger, API).claim(5, wanted) == wanted


async def test_who_only_looks_sees_whose_rows_are_and_writes_nothing(url: str) -> None:
    async with Ledger(url) as ledger:
        await LedgerClaims(ledger, API).claim(5, {8: key(1)})
    looking = KnownClaims(url, API)
    assert await looking.claim(5, {8: key(2), 9: key(2)}) == {8: key(1), 9: key(2)}
    async with Ledger(url) as ledger:
        assert await LedgerClaims(ledger, API).claim(5, {9: key(3)}) == {9: key(3)}


def test_looking_makes_no_ledger(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    assert asyncio.run(KnownClaims(url, API).claim(5, {8: key(1)})) == {8: key(1)}
    assert asyncio.run(known_plans(url, {5})) == {5: frozenset()}
    assert not list(tmp_path.iterdir())


async def test_a_ledger_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").write_text("this is no database" * 100, "utf-8")
    url = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    with pytest.raises(LedgerError, match="cannot be used"):
        await KnownClaims(url, API).claim(5, {8: key(1)})
    with pytest.raises(LedgerError, match="cannot be used"):
        await known_plans(url, {5})


async def test_the_plans_that_the_ledger_knows_are_those_whose_id_was_seen(url: str) -> None:
    plans = [
        replace(entry(1), automatic=True, plan_id=2**40, outcome=Outcome.ADOPTED),
        replace(entry(2), automatic=True, plan_id=42),
        replace(entry(3), automatic=True),
        replace(entry(4), plan_id=44),  # An instant backup's configuration is no plan.
    ]
    async with Ledger(url) as ledger:
        await ledger.claim([(each, SHOP) for each in plans])
        await ledger.claim([(replace(entry(5), automatic=True, plan_id=45), replace(SHOP, organization=6))])
    assert await known_plans(url, {5, 7}) == {5: frozenset({2**40, 42}), 7: frozenset()}
    assert await known_plans(url, set()) == {}
