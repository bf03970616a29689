"""The days of runs that were not noted: of an older version, of an interrupted run."""

import pytest

from fleet.ledger.days import earlier
from fleet.ledger.days.earlier import note_earlier
from fleet.ledger.store import Ledger
from fleet.report.outcome import Outcome
from tests.unit.fleet.ledger.days.days import at, days, ran, seen, states, transacting
from tests.unit.fleet.reports import report, row

pytestmark = pytest.mark.anyio
SHOP = seen(database_id=4223)


async def noted(url: str, hour: float = 24 * 9) -> int:
    async with transacting(url) as transact:
        return await note_earlier(transact, at(hour).timestamp())


async def nights(url: str, *outcomes: Outcome, fleet: str = "fleet.yaml") -> None:
    """A run each midnight, as an older version has left it."""
    async with Ledger(url) as ledger:
        for number, outcome in enumerate(outcomes):
            ledger.now = lambda number=number: at(24 * number).timestamp()  # type: ignore[method-assign, misc] # the past
            told = report(row(1, outcome=outcome, reason="why"), hour=24 * number, run_key=str(number))
            await ledger.record_run(fleet, told)


async def test_the_days_of_an_older_version_are_noted_the_newest_first_and_once(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(earlier, "AT_ONCE", 2)
    await nights(url, Outcome.VERIFIED, Outcome.REJECTED, Outcome.VERIFIED)
    assert [await noted(url) for _ in range(3)] == [2, 1, 0]
    assert [day.outcome for day in await days(url, SHOP)] == ["verified", "rejected", "verified"]
    (state,) = await states(url)
    assert (state.outcome, state.max_age) == ("verified", None)
    assert state.good_at == at(48 - 1 / 60).timestamp(), "the run began then, so the backup is not older"


async def test_a_run_that_has_just_ended_notes_itself(url: str) -> None:
    await nights(url, Outcome.VERIFIED)
    assert await noted(url, 0.1) == 0
    assert await noted(url, 0.2) == 1


async def test_a_large_fleet_takes_several_runs(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(earlier, "ENOUGH", 1)
    await nights(url, Outcome.VERIFIED, Outcome.VERIFIED)
    assert [await noted(url) for _ in range(3)] == [1, 1, 0]


async def test_what_was_wanted_once_does_not_come_back(url: str) -> None:
    await nights(url, Outcome.VERIFIED)
    await ran(url, 48, seen(2))
    assert await noted(url) == 1
    assert [state.application_id for state in await states(url)] == [4002]
    assert len(await days(url, SHOP)) == 1


async def test_the_newest_of_each_fleet_shows_what_is_wanted(url: str) -> None:
    await ran(url, 48, seen(2, fleet="other"))
    await nights(url, Outcome.VERIFIED, Outcome.ADOPTED)
    assert await noted(url) == 2
    assert [(state.fleet, state.outcome) for state in await states(url)] == [
        ("fleet", "adopted"),
        ("other", "verified"),
    ]
