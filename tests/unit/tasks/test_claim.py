"""A fleet is claimed in slices, so that what is sent to the ledger is not in memory for all of it."""

from pathlib import Path

import pytest

from fleet.ledger.store import Ledger
from fleet.proof.absence import Rules
from fleet.report.progress import Silence
from fleet.serveravatar.account import Account
from fleet.serveravatar.client import Client
from tasks import claim
from tasks.run_context import RunContext
from tests.unit.fleet.builders import target

pytestmark = pytest.mark.anyio


async def test_each_target_is_told_whether_it_is_ours_in_the_order_that_was_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claim, "AT_ONCE", 3)
    wanted = [target(server_id=number) for number in range(1, 11)]
    theirs = wanted[2:5] + wanted[8:9]
    url, client = f"sqlite:///{tmp_path / 'ledger.sqlite'}", Client(Account("http://127.0.0.1", "token"))
    context = RunContext("monday", client, Silence(), Rules())
    async with Ledger(url) as other, Ledger(url) as context.ledger:
        await other.claim([context.fresh(each) for each in theirs])
        ours = await claim.take(wanted, context)
    assert ours == [each not in theirs for each in wanted]
    assert [context.entry(each).request for each in wanted] == [context.body(each) for each in wanted]
