"""What is recorded before a create leaves, without Prefect."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from fleet.creation.brakes import Brakes
from fleet.inventory.window import parse
from fleet.ledger.entry import Entry
from fleet.ledger.next_step import Step, next_step
from fleet.ledger.store import Ledger
from fleet.observed.observed import Observed
from fleet.proof.absence import Rules
from fleet.proof.sought import NOTHING_KNOWN
from fleet.serveravatar.account import Account
from fleet.serveravatar.catalogue import Meaning
from fleet.serveravatar.client import Client
from tasks.creating.recheck import Recheck
from tasks.creating.sender import Sender, WindowClosedError
from tasks.run.entries import Entries
from tasks.run.results import Results
from tests.unit.fleet.builders import target

pytestmark = pytest.mark.anyio


def sender_of(client: Client, entries: Entries, results: Results) -> Sender:
    return Sender(client, entries, results, Brakes(0), Recheck(client.send, results), lambda: datetime.now(UTC))


async def test_a_create_that_a_429_held_back_is_given_its_time_from_when_it_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a run that died then is followed by a look that comes too early, and by a second backup."""
    wanted, rules = target(), Rules(settle_seconds=5)
    client = Client(Account("http://127.0.0.1", "token"))
    async with Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as ledger:
        entries = Entries(ledger, "monday")
        await entries.claim([wanted], Observed({}))
        sender = sender_of(client, entries, Results())
        monkeypatch.setattr(ledger, "now", lambda: 1000.0)
        await sender.record_intent(wanted, NOTHING_KNOWN)
        monkeypatch.setattr(ledger, "now", lambda: 1040.0)
        await sender.record_intent(wanted, NOTHING_KNOWN)
        sent = entries.of(wanted)
        await entries.claim([wanted], Observed({}))
        left_behind = entries.of(wanted)
    assert left_behind == replace(sent, attempts=1, doubtful=True, sent_at=1040.0)
    assert next_step(left_behind, 1041.0, rules, looked=None) is Step.WAIT
    assert next_step(left_behind, 1046.0, rules, looked=None) is Step.LOOK


class SlowLedger(Ledger):
    """A ledger that is waited for with each of the first saves, and a clock that only that moves."""

    waits: tuple[float, ...] = (40.0, 30.0)
    time = 1000.0

    def now(self) -> float:
        return self.time

    async def save(self, entry: Entry) -> Entry:
        self.time += self.waits[0] if self.waits else 0.1
        self.waits = self.waits[1:]
        return await super().save(entry)


async def test_a_create_that_the_ledger_held_up_is_given_its_time_from_when_it_left(tmp_path: Path) -> None:
    wanted = target()
    async with SlowLedger(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as ledger:
        entries = Entries(ledger, "monday")
        await entries.claim([wanted], Observed({}))
        await sender_of(Client(Account("http://127.0.0.1", "token")), entries, Results()).record_intent(
            wanted, NOTHING_KNOWN
        )
        await entries.claim([wanted], Observed({}))
        left_behind = entries.of(wanted)
    assert (left_behind.attempts, left_behind.sent_at, left_behind.doubtful) == (1, 1070.0, True)


async def test_a_create_that_the_ledger_held_up_beyond_its_window_is_not_sent(tmp_path: Path) -> None:
    wanted = target(window=parse("01:00-05:00 UTC"))
    five = datetime(2026, 11, 24, 4, 59, 30, tzinfo=UTC)
    async with SlowLedger(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as ledger:
        entries, results = Entries(ledger, "monday"), Results()
        await entries.claim([wanted], Observed({}))
        client = Client(Account("http://127.0.0.1", "token"))
        clock = lambda: five + timedelta(seconds=ledger.now() - 1000.0)  # noqa: E731
        sender = Sender(client, entries, results, Brakes(0), Recheck(client.send, results), clock)
        with pytest.raises(WindowClosedError):
            await sender.record_intent(wanted, NOTHING_KNOWN)
    assert not results.attempts(wanted).in_flight


@pytest.mark.parametrize(
    ("answer", "meaning", "doubtful"),
    [
        (httpx.Response(302, headers={"location": "https://panel.example.org/login"}), Meaning.IN_DOUBT, True),
        (httpx.Response(401, json={"message": "Unauthenticated."}), Meaning.TOKEN_REFUSED, False),
        (httpx.Response(403, json={"message": "This action is unauthorized."}), Meaning.FORBIDDEN, False),
        (httpx.Response(503, json={"message": "Service Unavailable"}), Meaning.GATEWAY, True),
        (httpx.Response(200, json={"message": "Server not found!"}), Meaning.IN_DOUBT, True),
    ],
)
async def test_what_an_answer_leaves_behind_when_it_also_ends_the_run(
    answer: httpx.Response, meaning: Meaning, doubtful: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A redirect proves nothing of the create that met it; a refused token does."""
    transport = httpx.MockTransport(lambda _: answer)
    account, wanted, results = Account("http://127.0.0.1", "token"), target(), Results()
    understood: list[Meaning] = []
    async with (
        Client(account, transport=transport) as client,
        Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as ledger,
    ):
        entries = Entries(ledger, "monday")
        await entries.claim([wanted], Observed({}))
        sender = sender_of(client, entries, results)
        respond = sender.response_to

        async def overheard(*arguments: Any) -> tuple[Meaning, str]:
            given = await respond(*arguments)
            understood.append(given[0])
            return given

        monkeypatch.setattr(sender, "response_to", overheard)
        left = await sender.send(wanted, NOTHING_KNOWN)
    assert (understood, left.doubtful) == ([meaning], doubtful)
    assert (results.halt is not None) == (answer.status_code in {302, 401})
