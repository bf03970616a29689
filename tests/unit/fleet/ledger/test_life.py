"""What the ledger shows of a run: alive, dead, or nothing."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from fleet.ledger import owner_process, store
from fleet.ledger.database.schema import owners
from fleet.ledger.database.transaction import written
from fleet.ledger.lease import LEASE_SECONDS, REMEMBERED_SECONDS, Holder
from fleet.ledger.life import life_of, shown_alive
from fleet.ledger.store import Ledger
from fleet.schedules.dead_runs import Life
from tests.unit.fleet.ledger.ledgers import claimed, entry

pytestmark = pytest.mark.anyio
RUN = Holder("0b7d1f4e-0000-0000-0000-000000000001", "nightly")


async def until(asked: Callable[[], Awaitable[object]], answer: object) -> None:
    while await asked() != answer:  # noqa: ASYNC110 - another task changes a database
        await asyncio.sleep(0.01)


async def silent_for(url: str, seconds: float) -> None:
    """As if the leases had not been renewed for so long."""
    update = owners.update().values(lease_until=owners.c.lease_until - seconds)
    await written(url, lambda connection: connection.execute(update))


async def test_a_run_is_alive_while_it_holds_its_lease_and_leaves_no_trace_when_it_has_ended(url: str) -> None:
    async with Ledger(url, RUN):
        assert await life_of(url, RUN.flow_run) == Life("nightly", is_alive=True)
        assert await life_of(url, "another") is None
    assert await life_of(url, RUN.flow_run) is None


async def test_a_run_that_has_claimed_its_targets_has_passed_its_approval(url: str) -> None:
    async with Ledger(url, RUN) as ledger:
        await claimed(ledger, entry())
        assert await life_of(url, RUN.flow_run) == Life("nightly", is_alive=True, has_claimed=True)


async def test_a_run_that_was_silent_for_longer_than_its_lease_is_dead(url: str) -> None:
    async with Ledger(url, RUN):
        await silent_for(url, LEASE_SECONDS + 1)
        assert await life_of(url, RUN.flow_run) == Life("nightly", is_alive=False)


async def test_a_process_of_this_machine_that_is_gone_is_dead_at_once(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Ledger(url, RUN):
        monkeypatch.setattr(owner_process, "is_alive", lambda _: False)
        assert await life_of(url, RUN.flow_run) == Life("nightly", is_alive=False, is_gone=True)
        monkeypatch.setattr(owner_process, "process_space", lambda: "another machine")
        assert await life_of(url, RUN.flow_run) == Life("nightly", is_alive=True)


async def test_another_run_that_frees_what_the_dead_one_owned_leaves_its_trace_for_a_while(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Ledger(url, RUN):
        with monkeypatch.context() as context:
            context.setattr(owner_process, "is_alive", lambda _: False)
            async with Ledger(url, Holder("other", "monday")):
                pass
        assert await life_of(url, RUN.flow_run) == Life("nightly", is_alive=False)
        await silent_for(url, REMEMBERED_SECONDS + 1)
        async with Ledger(url, Holder("other", "monday")):
            pass
        assert await life_of(url, RUN.flow_run) is None


async def test_an_audit_shows_that_it_is_alive(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "RENEW_SECONDS", 0.01)
    async with shown_alive(url, Holder("audit")):
        await until(lambda: life_of(url, "audit"), Life("", is_alive=True))
        await silent_for(url, LEASE_SECONDS + 1)
        await until(lambda: life_of(url, "audit"), Life("", is_alive=True))
    assert await life_of(url, "audit") is None


async def test_an_audit_goes_on_without_a_ledger(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    async with shown_alive(f"sqlite:///{tmp_path / 'file' / 'ledger.sqlite'}", Holder("audit")):
        await asyncio.sleep(0)
