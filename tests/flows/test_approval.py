"""The approval of large runs: suspended before anything is created, and resumed from the top, as a worker does it."""

import asyncio
import contextlib
import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any, get_args
from uuid import UUID, uuid4

import httpx
import pytest
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.objects import FlowRun, State
from prefect.exceptions import Pause
from prefect.flow_engine import run_flow
from prefect.flow_runs import aresume_flow_run
from prefect.states import Scheduled
from ruamel.yaml import YAML

from fleet.ledger.reports import last_report
from flows.fleet_backup import fleet_backup
from tasks.phases import approve
from tests.flows.conftest import Api, Ear
from tests.monitor import KEY, Monitor

pytestmark = pytest.mark.anyio
StartApi = Callable[..., Api]


class Started:
    """A run of a deployment, and this process as the worker that executes it."""

    def __init__(self, run: FlowRun) -> None:
        self.id = run.id

    @classmethod
    async def of(cls, api: Api, **parameters: Any) -> "Started":
        async with get_client() as client:
            flow = await client.create_flow(fleet_backup)
            deployment = await client.create_deployment(flow, f"approval-{uuid4().hex}")
            wanted = {"fleet_file": str(api.fleet), "approve_above": 2, **parameters}
            return cls(await client.create_flow_run_from_deployment(deployment, parameters=wanted))

    async def executed(self) -> State[Any]:
        """Execute it until it ends or is suspended; returns its state."""
        run = await self.read()
        with contextlib.suppress(Pause):
            executing: Any = run_flow(fleet_backup, flow_run=run, parameters=run.parameters, return_type="state")
            await executing
        return await self.state()

    async def resumed(self, *, yes: bool) -> State[Any]:
        await aresume_flow_run(self.id, run_input={"answer": get_args(approve.Answer)[0 if yes else 1]})
        return await self.executed()

    async def retried(self) -> State[Any]:
        """As the button Retry does it."""
        async with get_client() as client:
            await client.set_flow_run_state(self.id, Scheduled(name="AwaitingRetry"), force=True)
        return await self.executed()

    async def read(self) -> FlowRun:
        async with get_client() as client:
            return await client.read_flow_run(self.id)

    async def state(self) -> State[Any]:
        state = (await self.read()).state
        assert state is not None
        return state

    async def dialog(self) -> tuple[str, dict[str, Any]]:
        """The text of the dialog, and its form."""
        keys = (await self.state()).state_details.run_input_keyset
        assert keys is not None
        async with get_client() as client:
            return await input_of(client, self.id, keys["description"]), await input_of(client, self.id, keys["schema"])


async def input_of(client: PrefectClient, run: UUID, key: str) -> Any:
    return httpx.Response(200, text=await client.read_flow_run_input(run, key)).json()


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
    run = await Started.of(api(servers=1, applications=3))
    await run.executed()
    state = await run.resumed(yes=False)
    assert (state.type.value, state.name) == ("COMPLETED", "NotApproved")
    assert state.message == "not approved: 3 backups were not created; start a new run to be asked again"
    assert ear.report is None
    assert await last_report(os.environ["FLEET_BACKUP_LEDGER_URL"]) is None, "what was refused is no bad run"


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
