"""What is recorded before a create leaves, without Prefect."""

from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from fleet.ledger.entry import Entry, answered
from fleet.ledger.next_step import Step, next_step
from fleet.ledger.store import Ledger
from fleet.proof.absence import Rules
from fleet.report.progress import Silence
from fleet.serveravatar.account import Account
from fleet.serveravatar.catalogue import Meaning
from fleet.serveravatar.client import Client
from tasks.run_context import RunContext
from tasks.send_create import record_intent, send_create
from tests.unit.fleet.builders import target

pytestmark = pytest.mark.anyio


async def test_a_create_that_a_429_held_back_is_given_its_time_from_when_it_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a run that died then is followed by a look that comes too early, and by a second backup."""
    wanted, rules = target(), Rules(settle_seconds=5)
    client = Client(Account("http://127.0.0.1", "token"))
    async with Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as ledger:
        context = RunContext("monday", client, Silence(), rules)
        context.ledger = ledger
        context.entries |= {key: claim.entry for key, claim in (await ledger.claim([context.fresh(wanted)])).items()}
        monkeypatch.setattr(ledger, "now", lambda: 1000.0)
        await record_intent(wanted, context)
        monkeypatch.setattr(ledger, "now", lambda: 1040.0)
        await record_intent(wanted, context)
        left_behind: Entry = (await ledger.claim([context.fresh(wanted)]))[wanted.key("monday")].entry
    assert left_behind == replace(context.entry(wanted), attempts=1, doubtful=True, sent_at=1040.0)
    assert next_step(left_behind, 1041.0, rules, looked=None) is Step.WAIT
    assert next_step(left_behind, 1046.0, rules, looked=None) is Step.LOOK


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
    answer: httpx.Response, meaning: Meaning, doubtful: bool, tmp_path: Path
) -> None:
    """A redirect proves nothing of the create that met it; a refused token does."""
    transport = httpx.MockTransport(lambda _: answer)
    account = Account("http://127.0.0.1", "token")
    async with (
        Client(account, transport=transport) as client,
        Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as ledger,
    ):
        context = RunContext("monday", client, Silence(), Rules())
        context.ledger = ledger
        wanted = target()
        context.entries |= {key: claim.entry for key, claim in (await ledger.claim([context.fresh(wanted)])).items()}
        told, reason = await send_create(wanted, context)
        left = answered(context.entry(wanted), told, reason, 1000.0, doubtful_before=False)
    assert (told, left.doubtful) == (meaning, doubtful)
    assert (context.halt is not None) == (answer.status_code in {302, 401})
