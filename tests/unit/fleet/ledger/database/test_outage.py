"""A ledger that is away for a while: what is lost is repeated within bounds, once and for all that it does."""

import asyncio
import ssl

import asyncpg  # type: ignore[import-untyped] # it has no types
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from fleet.ledger.database import engine, outage
from fleet.ledger.database.engine import LedgerError
from fleet.ledger.database.lost_connection import is_lost
from fleet.ledger.database.outage import CONTACT_SECONDS, Outage, repeated
from fleet.ledger.database.schema import entries
from fleet.ledger.store import OUTAGE_SECONDS, Ledger
from tests.unit.fleet.ledger.database.proxy import between
from tests.unit.fleet.ledger.ledgers import claimed, entry, stored

pytestmark = pytest.mark.anyio
API = "https://api.example.org"
URL = sa.make_url("postgresql+asyncpg://fleet@127.0.0.1:1/outage")


# What is lost, and what is wrong.


def failed(problem: Exception, *, invalidated: bool = False) -> DBAPIError:
    """As SQLAlchemy raises it."""
    return DBAPIError("SELECT 1", {}, problem, connection_invalidated=invalidated)


def of_server(state: str) -> Exception:
    raised: Exception = asyncpg.PostgresError.new({"C": state, "M": "words"})
    return raised


@pytest.mark.parametrize(
    ("error", "lost"),
    [
        (ConnectionRefusedError("refused"), True),
        (ConnectionResetError("reset"), True),
        (TimeoutError(), True),
        (OSError("Multiple exceptions: refused, refused"), True),
        (of_server("57P03"), True),
        (of_server("53300"), True),
        (failed(of_server("57P01")), True),
        (failed(of_server("57P02")), True),
        (failed(of_server("08006")), True),
        (failed(of_server("40P01")), True),
        (failed(asyncpg.InterfaceError("connection is closed"), invalidated=True), True),
        (failed(of_server("40001")), True),
        (failed(asyncpg.InternalClientError("another operation (2) is in progress")), True),
        (ssl.SSLCertVerificationError("unknown authority"), False),
        (of_server("28P01"), False),
        (of_server("3D000"), False),
        (failed(of_server("42P01")), False),
        (failed(of_server("53100")), False),
        (failed(of_server("25006")), False),
        (ValueError("unknown option"), False),
        (TypeError("colour"), False),
    ],
)
def test_a_lost_connection_is_told_from_what_is_wrong(error: Exception, lost: bool) -> None:
    assert is_lost(error) is lost


# The bounds, by a clock of the test.


class Away:
    """A database that is away until a moment, and a clock that only waiting moves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, back_at: float) -> None:
        self.now, self.back_at, self.attempts = 0.0, back_at, 0
        self.said: list[str] = []
        mine = Outage(lambda: self.now)
        monkeypatch.setattr(outage, "outage_of", lambda _: mine)

    async def attempt(self) -> str:
        self.attempts += 1
        if self.now < self.back_at:
            raise ConnectionRefusedError("refused")
        return "done"

    async def sleep(self, seconds: float) -> None:
        self.now += seconds

    async def transact(self, most: float | None = OUTAGE_SECONDS, url: sa.URL = URL) -> str:
        return await repeated(self.attempt, url, most, self.said.append, sleep=self.sleep)


async def test_one_lost_connection_is_repeated_at_once_and_not_worth_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    away = Away(monkeypatch, back_at=-1.0)
    lost = [ConnectionResetError("reset")]

    async def attempt() -> str:
        if lost:
            raise lost.pop()
        return "done"

    assert await repeated(attempt, URL, 45.0, away.said.append, sleep=away.sleep) == "done"
    assert (away.now, away.said) == (0.0, [])


async def test_a_restart_is_waited_for_and_told_in_two_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    away = Away(monkeypatch, back_at=4.0)
    assert await away.transact() == "done"
    waiting, back = away.said
    assert waiting == "waiting for the ledger postgresql+asyncpg://fleet@127.0.0.1:1/outage, 45 s at most: refused"
    assert back == "the ledger is back after 4 s"
    assert away.now < 4.0 + outage.SLOWEST_RETRY


@pytest.mark.parametrize(("most", "seconds"), [(OUTAGE_SECONDS, 45.0), (None, CONTACT_SECONDS)])
async def test_an_outage_without_an_end_is_given_up_once_for_all(
    monkeypatch: pytest.MonkeyPatch, most: float | None, seconds: float
) -> None:
    monkeypatch.setattr(outage, "CONTACT_SECONDS", CONTACT_SECONDS)
    away = Away(monkeypatch, back_at=1e9)
    with pytest.raises(LedgerError, match=r"cannot be used: refused\. Fix it"):
        await away.transact(most)
    assert seconds <= away.now <= seconds + outage.SLOWEST_RETRY
    gave_up, attempts = away.now, away.attempts
    with pytest.raises(LedgerError):
        await away.transact(most)
    assert (away.now, away.attempts) == (gave_up, attempts + 1), "what follows does not wait again"
    assert len(away.said) == 1
    away.back_at = away.now
    assert await away.transact(most) == "done"
    assert away.said[1:] == [f"the ledger is back after {away.now:.0f} s"]


async def test_an_outage_of_an_hour_ago_is_another_one(monkeypatch: pytest.MonkeyPatch) -> None:
    away = Away(monkeypatch, back_at=1e9)
    with pytest.raises(LedgerError):
        await away.transact()
    away.now += 3600
    away.back_at = away.now + 4
    assert await away.transact() == "done"


async def test_what_waits_together_waits_for_one_outage(monkeypatch: pytest.MonkeyPatch) -> None:
    away = Away(monkeypatch, back_at=4.0)
    assert await asyncio.gather(*(away.transact() for _ in range(5))) == ["done"] * 5
    assert len(away.said) == 2


async def test_what_is_wrong_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    away = Away(monkeypatch, back_at=1e9)
    for wrong, url in ((failed(of_server("42P01")), URL), (OSError("no space"), sa.make_url("sqlite+aiosqlite:///x"))):

        async def attempt(wrong: Exception = wrong) -> None:
            away.attempts += 1
            raise wrong

        with pytest.raises(LedgerError):
            await repeated(attempt, url, 45.0, away.said.append, sleep=away.sleep)
    assert (away.attempts, away.said) == (2, [])


async def test_a_caller_that_is_cancelled_does_not_wait_for_the_end_of_an_outage(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    away = Away(monkeypatch, back_at=1e9)
    waits = asyncio.Event()

    async def sleep(_: float) -> None:
        waits.set()
        await asyncio.Event().wait()

    running = asyncio.ensure_future(repeated(away.attempt, URL, 45.0, away.said.append, sleep=sleep))
    await waits.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


# Real connections: ended by the server, cut, dropped in silence.


async def test_a_connection_that_the_server_ends_in_the_middle_of_a_transaction(postgresql_url: str) -> None:
    """It announces that, before asyncpg sees the connection closed."""
    ends = [True] * 20

    async def work(connection: AsyncConnection) -> str:
        if ends and ends.pop() and len(ends) % 2:  # Each second attempt.
            await connection.scalar(sa.text("SELECT pg_terminate_backend(pg_backend_pid())"))
        return "done"

    async with Ledger(postgresql_url, tell=pytest.fail) as ledger:
        for _ in range(10):
            assert await ledger.transact(work) == "done"


async def test_a_database_that_cannot_be_reached_for_a_while(postgresql_url: str) -> None:
    said: list[str] = []
    is_told = asyncio.Event()

    def tell(line: str) -> None:
        said.append(line)
        is_told.set()

    async with between(postgresql_url) as (proxy, url), Ledger(url, tell=tell) as ledger:
        await claimed(ledger, entry())
        proxy.refuses = True
        proxy.cut()
        saving = asyncio.gather(*(ledger.save(entry(attempts=number)) for number in (1, 2)))
        await is_told.wait()
        later = asyncio.ensure_future(ledger.save(entry(attempts=3)))
        proxy.refuses = False
        await asyncio.gather(saving, later)
        assert (await stored(ledger)).attempts == 3
    assert [line[:16] for line in said] == ["waiting for the ", "the ledger is ba"]


async def test_a_run_that_ends_during_an_outage_waits_for_nothing(postgresql_url: str) -> None:
    is_told = asyncio.Event()
    async with between(postgresql_url) as (proxy, url):
        async with Ledger(url, tell=lambda _: is_told.set()) as ledger:
            await claimed(ledger, entry())
            proxy.refuses = True
            proxy.cut()
            saving = asyncio.ensure_future(ledger.save(entry(attempts=1)))
            await is_told.wait()
        with pytest.raises(LedgerError, match="was closed"):
            await saving


async def test_a_connection_that_is_dropped_in_silence_holds_nothing_up(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server ends the transaction that it keeps open, whose locks the next attempt waits for."""
    monkeypatch.setattr(engine, "SILENT_SECONDS", 0.3)
    async with between(postgresql_url) as (proxy, url), Ledger(url) as ledger:
        await claimed(ledger, entry())

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(entries.update().values(looked=1))
            if not proxy.dropped:
                proxy.drop()
            await connection.execute(entries.update().values(looked=2))

        await ledger.transact(work)
        assert (await stored(ledger)).looked == 2
