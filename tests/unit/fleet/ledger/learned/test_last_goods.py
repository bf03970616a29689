"""The last good backups in the ledger: by API, and never a reason for a run to fail."""

from pathlib import Path

import pytest

from fleet.ledger.learned.last_goods import LedgerLastGoods
from fleet.observed.trust import LastGood
from tests.unit.fleet.builders import plan, target

pytestmark = pytest.mark.anyio
API = "https://api.example.org"
FIRST, SECOND = target(), target(server_id=16)
LAST = LastGood("0123456789abcdef", 1000.0, 12.5, "shop", "shop.example", 31.5)


async def test_what_was_seen_good_is_recalled_and_what_was_not_is_forgotten(url: str) -> None:
    warned: list[str] = []
    goods = LedgerLastGoods(url, API, warned.append)
    assert await goods.recall([FIRST, SECOND]) == {}
    await goods.remember({FIRST.key(""): LAST, SECOND.key(""): LAST}, [])
    assert await goods.recall([FIRST, SECOND, target(plan())]) == {FIRST.key(""): LAST, SECOND.key(""): LAST}
    later = LastGood("fedcba9876543210", 2000.0)
    await goods.remember({FIRST.key(""): later}, [SECOND.key("")])
    assert await goods.recall([FIRST, SECOND]) == {FIRST.key(""): later}
    assert await LedgerLastGoods(url, "https://other.example.org", warned.append).recall([FIRST]) == {}
    assert warned == []


async def test_an_unusable_ledger_costs_requests_and_no_run(tmp_path: Path) -> None:
    warned: list[str] = []
    (tmp_path / "file").touch()
    goods = LedgerLastGoods(f"sqlite:///{tmp_path / 'file' / 'ledger.sqlite'}", API, warned.append)
    await goods.remember({FIRST.key(""): LAST}, [])
    assert await goods.recall([FIRST]) == {}
    assert len(warned) in (1, 2)
