"""What happens to the ledger under a run, on a real Prefect server: waited for, or noticed before the next create."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from fleet.creation.fault_points import FaultPoint
from fleet.ledger import store
from fleet.ledger.database import outage
from fleet.ledger.database.schema import owners
from fleet.report.outcome import Outcome
from tasks.creating import sender
from tests.flows.conftest import Api, Ear
from tests.flows.test_never_twice import made, outcomes, run
from tests.unit.fleet.ledger.database.proxy import Proxy, between
from tests.unit.fleet.ledger.ledgers import connected
from tests.unit.fleet.ledger.test_same_ledger import deleted, replaced_by_a_copy

pytestmark = pytest.mark.anyio
StartApi = Callable[..., Api]
EACH_ONCE = dict.fromkeys(range(4246, 4252), 1)


def at_answer(monkeypatch: pytest.MonkeyPatch, number: int, act: Callable[[], None]) -> None:
    """Do something once, when so many creates have been answered, and before that is recorded."""
    answers = 0

    def reach(step: FaultPoint) -> None:
        nonlocal answers
        answers += step is FaultPoint.AFTER_ANSWER
        if step is FaultPoint.AFTER_ANSWER and answers == number:
            act()

    monkeypatch.setattr(sender, "reach", reach)


@pytest.mark.parametrize("way", [deleted, replaced_by_a_copy])
async def test_a_ledger_that_goes_away_under_a_run_is_noticed_before_the_next_create(
    api: StartApi, ear: Ear, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, way: Callable[[Path], None]
) -> None:
    sandbox = api()
    at_answer(monkeypatch, 3, lambda: way(tmp_path))
    report = await run(sandbox, ear, run_key="k", concurrency=1)
    assert report.exit_code == 1
    assert "its file was deleted, replaced or truncated while this run was using it" in report.verdict
    assert "\n" not in report.verdict
    assert sum((await made(sandbox)).values()) == 3
    assert outcomes(report)[Outcome.NOT_TRIED] == 3


def away(proxy: Proxy, seconds: float) -> None:
    """Cut all connections, and let none be made for a while."""
    proxy.refuses = True
    proxy.cut()
    asyncio.get_running_loop().call_later(seconds, setattr, proxy, "refuses", False)


@pytest.mark.parametrize(("seconds", "lines"), [(None, 0), (1.0, 2)])
async def test_a_ledger_that_comes_back_costs_a_run_nothing(
    api: StartApi,
    ear: Ear,
    monkeypatch: pytest.MonkeyPatch,
    postgresql_url: str,
    seconds: float | None,
    lines: int,
) -> None:
    sandbox = api()
    async with between(postgresql_url) as (proxy, url):
        monkeypatch.setenv("FLEET_BACKUP_LEDGER_URL", url)
        at_answer(monkeypatch, 3, proxy.cut if seconds is None else lambda: away(proxy, seconds))
        report = await run(sandbox, ear, run_key="k")
    assert (report.exit_code, outcomes(report)) == (0, {Outcome.VERIFIED: 6})
    assert await made(sandbox) == EACH_ONCE
    assert len([line for line in ear.notices if "ledger" in line]) == lines


async def test_a_ledger_that_stays_away_ends_the_run_and_the_next_one_continues_it(
    api: StartApi, ear: Ear, monkeypatch: pytest.MonkeyPatch, postgresql_url: str
) -> None:
    sandbox = api()
    monkeypatch.setattr(outage, "CONTACT_SECONDS", 0.1)
    async with between(postgresql_url) as (proxy, url):
        monkeypatch.setenv("FLEET_BACKUP_LEDGER_URL", url)
        with monkeypatch.context() as short:
            short.setattr(store, "OUTAGE_SECONDS", 0.3)
            at_answer(short, 3, lambda: away(proxy, 3600))
            report = await run(sandbox, ear, run_key="k", concurrency=1)
        assert report.exit_code == 1
        assert "cannot be used" in report.verdict
        assert outcomes(report) == {Outcome.VERIFIED: 2, Outcome.IN_DOUBT: 1, Outcome.NOT_TRIED: 3}
        proxy.refuses = False
        async with connected(postgresql_url) as connection:
            await connection.execute(owners.delete())  # As a minute later: the run could not end its lease.
        assert (await run(sandbox, ear, run_key="k")).exit_code == 0
    assert await made(sandbox) == EACH_ONCE
