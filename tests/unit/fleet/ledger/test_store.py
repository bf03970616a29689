"""The ledger's claims, leases and saves, on SQLite and on PostgreSQL alike."""

import asyncio
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from fleet.ledger import owner_process, store
from fleet.ledger.database import schema
from fleet.ledger.database.engine import LedgerError
from fleet.ledger.group_commit import LostLeaseError
from fleet.ledger.history import Asked, read_history
from fleet.ledger.lease import LEASE_SECONDS, RENEW_SECONDS
from fleet.ledger.reports import last_report
from fleet.ledger.store import Ledger
from fleet.report.outcome import Outcome
from tests.unit.fleet.ledger.ledgers import FULL, SHOP, claimed, entry, stored

pytestmark = pytest.mark.anyio


@pytest.fixture
def alive(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Decides whether the processes of other owners are alive."""

    def decide(is_alive: bool) -> None:
        monkeypatch.setattr(owner_process, "is_alive", lambda _: is_alive)

    return decide


def later(ledger: Ledger, seconds: float) -> None:
    """Turn a ledger's clock on."""
    ledger._clock_offset += seconds


def statements(ledger: Ledger, event: str) -> list[object]:
    seen: list[object] = []
    sa.event.listen(ledger._engine.sync_engine, event, seen.append)
    return seen


# Claims.


async def test_what_is_new_is_ours_and_what_was_stored_comes_back_whole(url: str) -> None:
    async with Ledger(url) as ledger:
        (claim,) = await claimed(ledger, entry())
        assert claim.ours
        assert claim.entry == entry()
        assert await ledger.save(FULL) is FULL
        assert await stored(ledger) == FULL
        for outcome in Outcome:
            await ledger.save(replace(FULL, outcome=outcome))
            assert (await stored(ledger)).outcome is outcome


async def test_a_second_run_is_given_what_the_first_one_left(url: str) -> None:
    async with Ledger(url) as first:
        await claimed(first, entry())
        await first.save(FULL)
    async with Ledger(url) as second:
        (claim,) = await claimed(second, entry())
    assert claim.ours
    assert claim.entry == FULL


async def test_what_a_living_run_owns_is_shown_and_not_given_away(url: str) -> None:
    async with Ledger(url) as first, Ledger(url) as second:
        await claimed(first, entry(1))
        theirs, new = await claimed(second, entry(1), entry(2))
        assert (theirs.ours, new.ours) == (False, True)
        await first.save(FULL)
        assert (await claimed(second, entry(1)))[0].entry == FULL
        (again,) = await claimed(first, entry(1))
        assert again.ours


async def test_of_many_runs_at_once_exactly_one_gets_each_entry(url: str) -> None:
    ledgers = [Ledger(url) for _ in range(4)]
    wanted = [entry(number) for number in range(60)]
    for ledger in ledgers:
        await ledger.__aenter__()
    # Each in another order, so that they meet crosswise.
    orders = [wanted, wanted[::-1], wanted[30:] + wanted[:30], wanted[::2] + wanted[1::2]]
    taken = await asyncio.gather(*(claimed(ledger, *order) for ledger, order in zip(ledgers, orders, strict=True)))
    owners = [claim.entry.key for claims in taken for claim in claims if claim.ours]
    assert sorted(owners) == [each.key for each in wanted]
    for ledger in ledgers:
        await ledger.__aexit__(None, None, None)


async def test_two_runs_that_take_over_from_a_dead_one_share_what_it_left(
    url: str, alive: Callable[[bool], None]
) -> None:
    wanted = [entry(number) for number in range(60)]
    dead = await Ledger(url).__aenter__()
    await claimed(dead, *wanted)
    await die(dead)
    alive(False)
    async with Ledger(url) as first:
        alive(True)
        async with Ledger(url) as second:
            taken = await asyncio.gather(claimed(first, *wanted), claimed(second, *reversed(wanted)))
            owners = [claim.entry.key for claims in taken for claim in claims if claim.ours]
            assert sorted(owners) == [each.key for each in wanted]


async def test_a_thousand_targets_are_claimed_in_a_few_transactions(url: str) -> None:
    async with Ledger(url) as ledger:
        commits = statements(ledger, "commit")
        claims = await claimed(ledger, *(entry(number) for number in range(1001)))
    assert all(claim.ours for claim in claims)
    assert len(commits) <= 4


async def die(ledger: Ledger) -> None:
    """End as kill -9 does: nothing is given back."""
    ledger._closing = True
    for service in ledger._services:
        service.cancel()
    await asyncio.gather(*ledger._services, return_exceptions=True)
    await ledger._engine.dispose()


# Leases.


async def test_a_run_that_died_elsewhere_blocks_until_its_lease_ends(url: str, alive: Callable[[bool], None]) -> None:
    alive(True)
    dead = await Ledger(url).__aenter__()
    await claimed(dead, entry())
    await die(dead)
    async with Ledger(url) as second:
        later(second, LEASE_SECONDS - 10)  # The rest of its lease runs in real time.
        assert not (await claimed(second, entry()))[0].ours
        later(second, 11)
        assert (await claimed(second, entry()))[0].ours


async def test_a_run_that_died_on_this_machine_blocks_nobody(url: str, alive: Callable[[bool], None]) -> None:
    dead = await Ledger(url).__aenter__()
    await claimed(dead, entry())
    await die(dead)
    alive(False)
    async with Ledger(url) as second:
        assert (await claimed(second, entry()))[0].ours


async def test_a_process_of_another_machine_is_not_looked_for_on_this_one(
    url: str, alive: Callable[[bool], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    alive(False)
    async with Ledger(url) as first:
        await claimed(first, entry())
        monkeypatch.setattr(owner_process, "process_space", lambda: "another machine")
        async with Ledger(url) as second:
            assert not (await claimed(second, entry()))[0].ours


async def test_where_processes_cannot_be_told_apart_only_leases_decide(
    url: str, alive: Callable[[bool], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owner_process, "process_space", lambda: "")
    alive(False)
    async with Ledger(url) as first, Ledger(url) as second:
        await claimed(first, entry())
        assert not (await claimed(second, entry()))[0].ours


async def test_a_process_that_was_really_killed_frees_what_it_owned(url: str) -> None:
    code = (
        "import asyncio, os, signal, sys\n"
        "from fleet.ledger.store import Ledger\n"
        "from tests.unit.fleet.ledger.ledgers import claimed, entry\n"
        "async def main():\n"
        "    async with Ledger(sys.argv[1]) as ledger:\n"
        "        assert (await claimed(ledger, entry()))[0].ours\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(main())\n"
    )
    killed = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", code, url], cwd=Path.cwd(), check=False, capture_output=True
    )
    assert killed.returncode == -9, killed.stderr
    async with Ledger(url) as second:
        assert (await claimed(second, entry()))[0].ours


async def test_a_lease_is_renewed_in_time(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "RENEW_SECONDS", 0.01)
    twice = asyncio.Semaphore(0)
    async with Ledger(url) as first, Ledger(url) as second:
        await claimed(first, entry())
        later(first, LEASE_SECONDS)  # Its lease reaches to twice that, once it is renewed.
        sa.event.listen(first._engine.sync_engine, "commit", lambda _: twice.release())
        await twice.acquire()
        await twice.acquire()
        later(second, LEASE_SECONDS + 1)
        assert not (await claimed(second, entry()))[0].ours


async def test_after_an_outage_a_lease_is_renewed_soon(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Meanwhile it may have expired, and others would take the run for dead."""

    async def away(_: object) -> None:
        raise LedgerError("it is away")

    async with Ledger(url) as ledger:
        ledger._renew_after = 0.0
        with monkeypatch.context() as context:
            context.setattr(ledger, "transact", away)
            await ledger._renew_lease()
        assert ledger._renew_after == store._SOON_SECONDS
        ledger._renew_after = 0.0
        await ledger._renew_lease()
        assert ledger._renew_after == RENEW_SECONDS


async def test_who_was_silent_for_too_long_may_not_write_what_another_has_taken_over(url: str) -> None:
    async with Ledger(url) as first, Ledger(url) as second:
        await claimed(first, entry(1))
        later(second, LEASE_SECONDS + 1)
        (taken,) = await claimed(second, entry(1))
        assert taken.ours
        await claimed(first, entry(2))
        answers = await asyncio.gather(first.save(FULL), first.save(entry(2, attempts=1)), return_exceptions=True)
        assert isinstance(answers[0], LostLeaseError)
        assert answers[1] == entry(2, attempts=1)
        assert await stored(second) == entry(1)
        await second.save(entry(1, attempts=7))
        assert (await stored(second)).attempts == 7


async def test_what_was_never_claimed_cannot_be_saved(url: str) -> None:
    async with Ledger(url) as ledger:
        with pytest.raises(LostLeaseError):
            await ledger.save(entry())


async def test_a_run_that_ends_gives_its_entries_back(url: str) -> None:
    async with Ledger(url) as second:
        async with Ledger(url) as first:
            await claimed(first, entry())
        assert (await claimed(second, entry()))[0].ours


# Saves.


async def test_a_thousand_saves_share_a_few_commits(url: str) -> None:
    async with Ledger(url) as ledger:
        await claimed(ledger, *(entry(number) for number in range(1000)))
        commits = statements(ledger, "commit")
        await asyncio.gather(*(ledger.save(entry(number, attempts=1)) for number in range(1000)))
        assert len(commits) <= 5
    async with Ledger(url) as ledger:
        assert {claim.entry.attempts for claim in await claimed(ledger, *map(entry, range(1000)))} == {1}


async def test_of_two_saves_of_one_entry_the_later_one_stays(url: str) -> None:
    async with Ledger(url) as ledger:
        await claimed(ledger, entry())
        await asyncio.gather(*(ledger.save(entry(attempts=number)) for number in range(1, 9)))
        assert (await stored(ledger)).attempts == 8


async def test_a_save_that_nobody_waits_for_any_more_hurts_nobody(url: str) -> None:
    async with Ledger(url) as ledger:
        await claimed(ledger, entry(1), entry(2))
        cut_off = asyncio.ensure_future(ledger.save(entry(1, attempts=1)))
        await asyncio.sleep(0)
        cut_off.cancel()
        await ledger.save(entry(2, attempts=1))
        await ledger.save(entry(1, attempts=2))
        assert (await stored(ledger)).attempts == 2


@pytest.mark.parametrize(
    ("text", "shown"), [("cut off: \ud83d", "cut off: ?"), ("a\0b", "ab"), ("\ud800\udfff", "??"), ("🦺", "🦺")]
)
async def test_words_that_no_database_stores_stop_no_run(url: str, text: str, shown: str) -> None:
    """A message that an API cut off in the middle of a character reaches us as half of one."""
    subject = replace(SHOP, server=text, application=text)
    async with Ledger(url) as ledger:
        await ledger.claim([(entry(), subject)])
        await ledger.save(entry(reason=text, request={"name": text}))
        assert (await stored(ledger)).reason == shown
    (row,) = await read_history(url, Asked())
    assert (row.server, row.application) == (shown, shown)


async def test_whatever_goes_wrong_whoever_waits_hears_of_it(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with Ledger(url) as ledger:
        await claimed(ledger, entry())

        async def fail(_: object) -> set[str]:
            raise KeyError("surprise")

        with monkeypatch.context() as broken:
            broken.setattr(ledger._saves, "_write", fail)
            with pytest.raises(LedgerError, match="surprise"):
                await ledger.save(entry(attempts=1))
        await ledger.save(entry(attempts=2))
        assert (await stored(ledger)).attempts == 2


# The schema.


async def versions(url: str) -> list[Any]:
    ledger = Ledger(url)
    async with ledger._engine.begin() as connection:
        found = list((await connection.execute(sa.select(schema.schema_version.c.version))).scalars())
    await ledger._engine.dispose()
    return found


async def test_a_new_ledger_has_the_newest_version_and_opening_it_again_changes_nothing(url: str) -> None:
    for _ in range(2):
        async with Ledger(url):
            pass
        assert await versions(url) == [len(schema.STEPS)]


async def test_many_first_runs_at_once_make_one_ledger(url: str) -> None:
    ledgers = [Ledger(url) for _ in range(5)]
    await asyncio.gather(*(ledger.__aenter__() for ledger in ledgers))
    for ledger in ledgers:
        await ledger.__aexit__(None, None, None)
    assert await versions(url) == [len(schema.STEPS)]


async def test_an_older_ledger_is_brought_up_to_date_and_keeps_what_it_knows(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Ledger(url) as ledger:
        await claimed(ledger, entry())
        await ledger.save(FULL)

    def add_a_column(connection: sa.Connection) -> None:
        connection.exec_driver_sql("ALTER TABLE run ADD COLUMN remark TEXT")

    monkeypatch.setattr(schema, "STEPS", (*schema.STEPS, add_a_column))
    ledgers = [Ledger(url) for _ in range(2)]
    await asyncio.gather(*(ledger.__aenter__() for ledger in ledgers))
    assert await stored(ledgers[0]) == FULL
    for ledger in ledgers:
        await ledger.__aexit__(None, None, None)
    assert await versions(url) == [len(schema.STEPS)]


async def test_a_step_that_fails_leaves_the_ledger_as_it_was(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with Ledger(url):
        pass

    def half_done(connection: sa.Connection) -> None:
        connection.exec_driver_sql("ALTER TABLE run ADD COLUMN remark TEXT")
        connection.exec_driver_sql("SELECT nonsense FROM nowhere")

    with monkeypatch.context() as newer:
        newer.setattr(schema, "STEPS", (*schema.STEPS, half_done))
        with pytest.raises(LedgerError, match="nowhere"):
            await Ledger(url).__aenter__()
    assert await versions(url) == [len(schema.STEPS)]
    async with Ledger(url) as ledger:
        columns = await _columns_of_run(ledger)
    assert "remark" not in columns


async def _columns_of_run(ledger: Ledger) -> set[str]:
    async with ledger._engine.begin() as connection:
        return await connection.run_sync(lambda sync: {each["name"] for each in sa.inspect(sync).get_columns("run")})


async def test_a_ledger_of_a_newer_version_is_refused_by_a_run_and_by_history(url: str) -> None:
    async with Ledger(url) as ledger, ledger._engine.begin() as connection:
        await connection.execute(schema.schema_version.update().values(version=99))
    expected = f"it has version 99, but this fleet-backup only knows versions up to {len(schema.STEPS)}"
    for use in (Ledger(url).__aenter__, lambda: read_history(url, Asked()), lambda: last_report(url, "fleet.yaml")):
        with pytest.raises(LedgerError, match=expected) as caught:
            await use()
        assert "\n" not in str(caught.value)
    assert await versions(url) == [99]
