"""What is removed from the ledger after a while, and what never is: on SQLite and on PostgreSQL alike."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from fleet.ledger.database.schema import claims, entries, report_parts, runs
from fleet.ledger.days import retention
from fleet.ledger.days.retention import Keep, remove_old
from fleet.ledger.entry import Entry
from fleet.ledger.entry_rows import Subject
from fleet.ledger.reading import read_plans
from fleet.ledger.reports import last_report
from fleet.ledger.store import Ledger
from fleet.report.outcome import Outcome
from tests.unit.fleet.ledger.days.days import at, audited, days, ran, seen, states, transacting
from tests.unit.fleet.ledger.ledgers import SHOP, connected, entry, key
from tests.unit.fleet.reports import MIDNIGHT, report, row

pytestmark = pytest.mark.anyio
KEEP = Keep(days=400, records=90)


async def tidied(url: str, days_later: float, keep: Keep = KEEP) -> int:
    async with transacting(url) as transact:
        return await remove_old(transact, MIDNIGHT + timedelta(days=days_later), keep, lambda: False)


async def test_days_go_after_a_while_and_a_target_that_nobody_wants_goes_with_its_last_day(url: str) -> None:
    await ran(url, 1, seen(1), seen(2))
    await ran(url, 25, seen(2))
    assert await tidied(url, 400) == 0
    assert await tidied(url, 401) == 3, "a day of each, and target 1"
    assert [len(await days(url, seen(number))) for number in (1, 2)] == [0, 1]
    assert await tidied(url, 1000) == 1
    assert [state.application_id for state in await states(url)] == [4002], "what is wanted stays"


async def test_it_is_done_in_batches_and_ends_when_time_is_up(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "_ROWS", 3)
    await ran(url, 1, *(seen(number) for number in range(10)))
    turns = iter([False, False, True, True, True, True, True])
    async with transacting(url) as transact:
        assert await remove_old(transact, at(24 * 500), KEEP, lambda: next(turns)) == 6
    assert await tidied(url, 500) == 4


async def keep_reports(url: str, count: int, fleet: str = "fleet.yaml", *, noted: bool = True, **changes: Any) -> None:
    """A report a day, each with a target."""
    async with Ledger(url) as ledger:
        for number in range(count):
            ledger.now = lambda number=number: at(24 * number).timestamp()  # type: ignore[method-assign, misc] # the past
            await ledger.record_run(fleet, report(row(1), run_key=f"{fleet} {number}", hour=24 * number, **changes))
    async with connected(url) as connection:
        await connection.execute(runs.update().values(noted=noted))


async def kept(url: str) -> dict[str, int]:
    async with connected(url) as connection:
        reports = (await connection.scalars(sa.select(runs.c.run_key))).all()
        parts = (await connection.scalars(sa.select(report_parts.c.run_id))).all()
    return {"reports": len(reports), "parts": len(parts)}


async def test_of_reports_the_newest_thirty_of_each_fleet_stay(url: str) -> None:
    await keep_reports(url, 33)
    await keep_reports(url, 2, "weekly.yaml")
    assert await tidied(url, 91.5) == 2, "the third is not 90 days old"
    assert await tidied(url, 1000) == 1
    assert await kept(url) == {"reports": 32, "parts": 32}
    last = await last_report(url, "fleet.yaml")
    assert last is not None
    assert (last.run_key, len(last.targets)) == ("fleet.yaml 32", 1)
    assert await last_report(url, "weekly.yaml") is not None


async def test_a_report_of_which_no_day_is_noted_stays(url: str) -> None:
    await keep_reports(url, 33, noted=False)
    assert await tidied(url, 1000) == 0


async def test_the_report_of_a_targets_last_success_stays_as_long_as_the_target_is_wanted(url: str) -> None:
    await keep_reports(url, 33)
    await ran(url, 24 - 1 / 60, seen(1), seen(2))  # Ended as the second of them did.
    await ran(url, 48, seen(1, "rejected"), seen(2))
    assert await tidied(url, 300) == 2
    await ran(url, 72, seen(2))
    assert await tidied(url, 300) == 1, "target 1 is no longer wanted"


async def test_the_report_of_a_run_that_made_a_plan_shows_whose_plan_it_is(url: str) -> None:
    await keep_reports(url, 33)
    async with Ledger(url) as ledger:
        plan = replace(entry(7, automatic=True, outcome=Outcome.CREATED), run_key="fleet.yaml 0")
        await ledger.claim([(plan, SHOP)])
        await ledger.save(plan)
    assert await tidied(url, 1000) == 3
    assert await tidied(url, 1000) == 0
    assert await kept(url) == {"reports": 31, "parts": 30}
    assert [recorded.fleets for recorded in await read_plans(url)] == [{"fleet.yaml"}]


SITE = Subject(5, 15, "web-0001", 4247, "blog")
ENDED: list[tuple[Entry, Subject, int, bool]] = [
    # The entry, what it is of, the day on which it was saved, and whether it is still there after 100 days.
    (entry(1, outcome=Outcome.VERIFIED), SHOP, 0, False),
    (entry(2, outcome=Outcome.ADOPTED), SHOP, 1, True),
    (entry(3, outcome=Outcome.REJECTED), SHOP, 2, False),
    (entry(4, outcome=Outcome.UNVERIFIED, broken=True), SHOP, 2, False),
    (entry(5, outcome=Outcome.IN_DOUBT, doubtful=True), SHOP, 0, True),
    (entry(6, outcome=Outcome.REJECTED, doubtful=True), SHOP, 0, True),
    (entry(7), SHOP, 0, True),
    (entry(8, outcome=Outcome.CREATED, automatic=True), SHOP, 0, True),
    (entry(9, outcome=Outcome.VERIFIED), SITE, 0, True),
    (entry(10, outcome=Outcome.VERIFIED, request={"type": "database", "database_id": 3}), SHOP, 0, True),
    (entry(11, outcome=Outcome.VERIFIED, request={"type": "database", "database_id": 4}), SHOP, 0, False),
    (entry(12, outcome=Outcome.VERIFIED, request={"type": "database", "database_id": 4}), SHOP, 1, True),
    (entry(13, outcome=Outcome.REJECTED), SHOP, 20, True),
]


async def test_of_entries_what_is_still_needed_stays(url: str) -> None:
    async with Ledger(url) as ledger:
        for each, subject, day, _ in ENDED:
            ledger.now = lambda day=day: at(24 * day).timestamp()  # type: ignore[method-assign, misc] # the past
            await ledger.claim([(each, subject)])
            await ledger.save(each)
    async with connected(url) as connection:
        old = {"api": "a", "organization": 5, "claimed_at": at(0).timestamp()}
        rows = [{**old, "backup_id": number, "key": key(number)} for number in (1, 2)]
        await connection.execute(
            claims.insert(), [*rows, {**old, "backup_id": 3, "key": "x", "claimed_at": at(2400).timestamp()}]
        )
    async with connected(url) as connection:
        updated = [{"new_key": each.key, "at": at(24 * day).timestamp()} for each, _, day, _ in ENDED]
        update = entries.update().where(entries.c.key == sa.bindparam("new_key"))
        await connection.execute(update.values(updated_at=sa.bindparam("at")), updated)
    await tidied(url, 100)
    async with connected(url) as connection:
        left = set((await connection.scalars(sa.select(entries.c.key))).all())
        claimed = set((await connection.scalars(sa.select(claims.c.backup_id))).all())
    assert left == {each.key for each, _, _, stays in ENDED if stays}
    assert claimed == {2, 3}


async def test_what_a_living_run_owns_stays(url: str) -> None:
    async with Ledger(url) as ledger:
        await ledger.claim([(entry(), SHOP)])
        await ledger.save(entry(outcome=Outcome.REJECTED))
        async with connected(url) as connection:
            await connection.execute(entries.update().values(updated_at=1.0))
        async with transacting(url) as transact:
            assert await remove_old(transact, datetime.now(UTC), KEEP, lambda: False) == 0


async def test_what_audits_note_is_removed_as_well(url: str) -> None:
    await audited(url, 1, seen(standing="fine"))
    assert await tidied(url, 500) == 1
