"""Forgetting automatic plans that were deleted in the panel."""

import os
from pathlib import Path

import pytest

from fleet.ledger.forgetting import forget_plans
from fleet.ledger.reading import read_entries
from fleet.ledger.store import Ledger
from fleet.report.outcome import Outcome
from tests.unit.fleet.ledger.ledgers import SHOP, entry, key

pytestmark = pytest.mark.anyio
KEYS = [key(1), key(2), key(3)]


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/ledger.sqlite"


async def fill(ledger: Ledger) -> None:
    plans = [entry(number, automatic=True, outcome=Outcome.CREATED) for number in (1, 2)]
    await ledger.claim([(each, SHOP) for each in [*plans, entry(3, outcome=Outcome.VERIFIED)]])


async def test_plans_are_forgotten_by_key_and_instant_backups_never(url: str) -> None:
    async with Ledger(url) as ledger:
        await fill(ledger)
    assert await forget_plans(url, [key(1), key(3), key(9)]) == {key(1): SHOP}
    assert (await read_entries(url, KEYS)).keys() == {key(2), key(3)}
    assert await forget_plans(url, [key(1)]) == {}


async def test_what_a_run_is_at_is_left(url: str) -> None:
    async with Ledger(url) as ledger:
        await fill(ledger)
        assert await forget_plans(url, KEYS) == {}
    assert (await forget_plans(url, KEYS)).keys() == {key(1), key(2)}


async def test_a_ledger_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    assert await forget_plans(f"sqlite:///{tmp_path}/folder/ledger.sqlite", KEYS) == {}
    assert not os.listdir(tmp_path)  # noqa: PTH208 - pathlib's would block, says the linter
