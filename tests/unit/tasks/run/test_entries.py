"""A fleet is claimed in slices: no statement of the ledger is longer than a database takes."""

from pathlib import Path

import pytest

from fleet.ledger.store import Ledger
from fleet.observed.observed import Observed
from tasks.run import entries as module
from tasks.run.entries import Entries
from tests.unit.fleet.builders import target

pytestmark = pytest.mark.anyio


async def test_each_target_is_told_whether_it_is_ours_in_the_order_that_was_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 3)
    wanted = [target(server_id=number) for number in range(1, 11)]
    theirs = wanted[2:5] + wanted[8:9]
    url = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    async with Ledger(url) as other, Ledger(url) as ledger:
        await Entries(other, "monday").claim(theirs, Observed({}))
        entries = Entries(ledger, "monday")
        ours = await entries.claim(wanted, Observed({}))
    assert ours == [each not in theirs for each in wanted]
    assert [entries.of(each).request for each in wanted] == [entries.body(each) for each in wanted]


async def test_a_dry_run_writes_no_ledger() -> None:
    entries = Entries(None, "monday")
    with pytest.raises(RuntimeError, match="a dry run writes no ledger"):
        await entries.claim([target()], Observed({}))
