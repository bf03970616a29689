"""The approval of large runs: suspended before anything is created, and resumed from the top, as a worker does it."""

import asyncio
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.states import Cancelling
from ruamel.yaml import YAML

from fleet.ledger.reports import last_report
from flows.fleet_backup import fleet_backup
from tasks.phases import approve
from tests.flows.conftest import Api, Ear
from tests.flows.started import Started
from tests.monitor import KEY, Monitor

pytestmark = pytest.mark.anyio
StartApi = Callable[..., Api]


@pytest.fixture(autouse=True)
def no_deployment_stays() -> Iterator[None]:
    yield
    Started.remove_deployments()


def created(ear: Ear) -> int:
    return ear.report.requests.by_call.get("create backup", 0) if ear.report else 0


async def test_a_large_run_waits_without_a_process_and_creates_what_was_approved(
    api: StartApi, ear: Ear, monitor: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await Started.of(api(servers=1, applications=3))
    monkeypatch.setenv("FLEET_BACKUP_HEARTBEAT_URL", monitor.url)
    state = await run.executed()
    assert monitor.told == [], "a monitor would wait for the end"
    assert (state.type.value, state.name) == ("PAUSED", "Suspended")
    assert state.state_details.pause_timeout is not None
    assert ear.report is None
    text, form = await run.dialog()
    assert text.startswith("**3 backups would be created**: 3 instant backups on 1 server.")
    assert f"Without an answer by **{state.state_details.pause_timeout:%Y-%m-%d %H:%M} UTC**" in text
    assert form["properties"]["answer"]["description"], "the help text is there"
    assert form["required"] == ["answer"], "an empty form is no answer"

    assert (await run.resumed(yes=True)).message == "3 verified"
    assert created(ear) == 3
    assert ear.report is not None
    assert ear.report.run_key == str(run.id)
    assert sorted(path.partition("?")[0].rpartition("/")[2] for _, path, _ in monitor.told) == [KEY, "start"]


async def test_no_ends_the_run_in_one_line_and_leaves_nothing_behind(api: StartApi, ear: Ear) -> None:
    sandbox = api(servers=1, applications=3)
    run = await Started.of(sandbox)
    await run.executed()
    state = await run.resumed(yes=False)
    assert (state.type.value, state.name) == ("COMPLETED", "NotApproved")
    assert state.message == "not approved: 3 backups were not created; start a new run to be asked again"
    assert ear.report is None
    last = await last_report(os.environ["FLEET_BACKUP_LEDGER_URL"], sandbox.fleet.name)
    assert last is None, "what was refused is no bad run"


async def test_an_unanswered_question_fails_the_run_and_a_retry_asks_again(
    api: StartApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await Started.of(api(servers=1, applications=3))
    with monkeypatch.context() as patched:
        patched.setattr(approve, "PATIENCE", timedelta(seconds=1))
        await run.executed()
    async with asyncio.timeout(60):
        while not (state := await run.state()).is_failed():  # noqa: ASYNC110 - a server in another process ends it
            await asyncio.sleep(0.2)
    assert state.message == "The flow was paused and never resumed."
    assert (await run.retried()).name == "Suspended"
    assert (await run.resumed(yes=True)).message == "3 verified"


async def test_more_than_was_approved_is_asked_about_and_less_is_not(api: StartApi, ear: Ear) -> None:
    started = api(servers=2, applications=3)
    file = YAML(typ="safe").load(started.fleet.read_text("utf-8"))
    whole = dict(file)

    def asks_for(servers: int) -> None:
        with started.fleet.open("w", encoding="utf-8") as fleet:
            YAML().dump({**whole, "servers": file["servers"][:servers]}, fleet)

    asks_for(1)
    run = await Started.of(started)
    await run.executed()
    asks_for(2)
    assert (await run.resumed(yes=True)).name == "Suspended"
    text, _ = await run.dialog()
    assert text.startswith("**6 backups would be created, 3 more than you approved.** New:")
    assert created(ear) == 0
    asks_for(1)
    assert (await run.resumed(yes=True)).message == "3 verified"


async def test_what_exists_already_needs_no_approval(api: StartApi, ear: Ear) -> None:
    started = api(servers=1, applications=3)
    await fleet_backup(started.fleet, run_key="night", return_state=True)
    again = await Started.of(started, run_key="night")
    assert (await again.executed()).is_completed()
    assert created(ear) == 0


async def test_a_dry_run_and_a_small_run_ask_nothing(api: StartApi) -> None:
    started = api(servers=1, applications=3)
    assert (await (await Started.of(started, dry_run=True)).executed()).message == "3 planned"
    assert (await (await Started.of(started, approve_above=3)).executed()).message == "3 verified"


async def test_a_run_without_a_deployment_cannot_wait_and_says_so_before_anything_is_sent(
    api: StartApi, ear: Ear
) -> None:
    state: Any = await fleet_backup(api(servers=1, applications=3).fleet, approve_above=2, return_state=True)
    assert state.is_failed()
    assert state.message == "approve_above: only a run of a deployment can wait for approval; leave it at 0 here"
    assert ear.phases == []


async def test_a_waiting_run_can_be_cancelled(api: StartApi) -> None:
    run = await Started.of(api(servers=1, applications=3))
    await run.executed()
    async with get_client() as client:
        await client.set_flow_run_state(run.id, Cancelling())
    assert (await run.state()).is_cancelled(), "no process would end it"


async def test_what_was_approved_is_not_asked_again_by_a_retry(api: StartApi) -> None:
    refused = {"kind": "answer", "call": "create", "status": 404, "message": "Application not found!", "first": 1}
    run = await Started.of(api(refused, servers=1, applications=3))
    await run.executed()
    assert (await run.resumed(yes=True)).is_failed()
    assert (await run.retried()).message == "3 verified"
