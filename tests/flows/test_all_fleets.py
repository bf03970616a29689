"""Several fleets backed up together: each by its own deployment, wherever a worker is, and one verdict about all."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    FlowRunFilter,
    FlowRunFilterDeploymentId,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.flow_engine import run_flow
from prefect.states import Completed, Crashed, Running
from pydantic import SecretStr

from fleet.report.outcome import Exit
from fleet.schedules.together import START_SECONDS
from flows.all_fleets import all_fleets
from flows.fleet_backup import fleet_backup
from tasks.phases import follow_fleets as following
from tasks.phases import start_fleets as starting
from tasks.phases.continue_run import CONTINUED_STATE, continuation_key
from tasks.phases.follow_fleets import follow_fleets
from tasks.phases.start_fleets import Started, start_fleets
from tasks.run.credentials import ServerAvatarCredentials
from tasks.run.this_run import RUN_KEY
from tests.flows.conftest import TOKEN, Api
from tests.monitor import Monitor

pytestmark = pytest.mark.anyio
StartApi = Callable[..., Api]


class Deployed:
    """Deployments of fleets for one test, and this process as the worker that executes their runs."""

    def __init__(self) -> None:
        self.word = uuid4().hex[:8]
        self.ids: dict[str, UUID] = {}

    def name(self, fleet: str) -> str:
        """The name of a fleet of this test: the server is shared with others."""
        return f"{fleet}-{self.word}"

    async def add(self, fleet: str, **parameters: Any) -> None:
        async with get_client() as client:
            flow = await client.create_flow(fleet_backup)
            name = self.name(fleet)
            wanted = {"fleet": name, "verify": False, **parameters}
            self.ids[fleet] = await client.create_deployment(flow, f"nightly-{name}", parameters=wanted)

    async def runs(self) -> list[FlowRun]:
        of_them = FlowRunFilterDeploymentId(any_=list(self.ids.values()))
        async with get_client() as client:
            return await client.read_flow_runs(flow_run_filter=FlowRunFilter(deployment_id=of_them))

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[None]:
        """It is not cancelled: a run that has ended for the server still tells of it, and Prefect may swallow it."""
        over = asyncio.Event()
        working = asyncio.create_task(self._work(over))
        try:
            yield
        finally:
            over.set()
            await working

    async def _work(self, over: asyncio.Event) -> None:
        while not over.is_set():
            for run in await self.runs():
                if run.state_type is StateType.SCHEDULED:
                    executing: Any = run_flow(
                        fleet_backup, flow_run=run, parameters=run.parameters, return_type="state"
                    )
                    await executing
            await asyncio.sleep(0.05)

    async def remove(self) -> None:
        async with get_client() as client:
            for each in self.ids.values():
                await client.delete_deployment(each)


@pytest.fixture
async def deployed(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Deployed]:
    monkeypatch.setattr(starting, "PAUSE_SECONDS", 0.05)
    monkeypatch.setattr(following, "PAUSE_SECONDS", 0.05)
    fleets = Deployed()
    yield fleets
    await fleets.remove()


class Clock:
    """A clock that a pause moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, _seconds: float) -> None:
        self.now += 60.0


async def together(*names: str) -> State[Any]:
    state = await all_fleets(list(names), return_state=True)
    assert isinstance(state, State)
    return state


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # Of Apprise's, on Python 3.11.
async def test_one_fleet_out_of_order_stops_no_other_and_one_verdict_names_who_is_not_backed_up_and_why(
    api: StartApi, deployed: Deployed, tmp_path: Path, monitor: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = api(servers=1, applications=2)
    monkeypatch.setenv("FLEET_BACKUP_NOTIFY_URLS", monitor.url.replace("http://", "json://"))
    (tmp_path / "broken.yaml").write_text("organization: 5\nservers: []\n", "utf-8")
    wrong = f"wrong-{deployed.word}"
    await ServerAvatarCredentials(token=SecretStr("wrong-0815"), url=sandbox.url).asave(wrong)
    await deployed.add("acme", fleet_file=str(sandbox.fleet))
    await deployed.add("globex", fleet_file=str(sandbox.fleet), credentials=wrong)
    await deployed.add("initech", fleet_file=str(tmp_path / "broken.yaml"))
    names = [deployed.name(fleet) for fleet in ("acme", "globex", "initech", "unknown")]

    async with deployed.worker():
        state = await together(*names)

    message = state.message or ""
    assert state.is_failed()
    assert message.startswith(f"1 of 4 fleets done; {names[1]}: the API refused the token: ")
    assert f"; {names[2]}: broken.yaml: servers: must have at least one entry" in message
    assert f"; {names[3]}: there is no deployment fleet_backup/nightly-{names[3]}; run `fleet-backup deploy`" in message
    runs = await deployed.runs()
    assert len(runs) == 3
    assert all(
        run.name.startswith("back up ") and run.name.endswith(" UTC · all-fleets") and "all-fleets" in run.tags
        for run in runs
    )
    assert TOKEN not in message
    (sent,) = monitor.told  # One message, and none about each fleet.
    assert "backup of all fleets: failed" in sent[2].decode()
    assert names[2] in sent[2].decode()

    run_id = state.state_details.flow_run_id
    assert run_id
    async with get_client() as client:
        of_run = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run_id]))
        (artifact,) = await client.read_artifacts(artifact_filter=of_run)
    assert artifact.key == "fleet-backup-all-fleets--nightly"
    shown = str(artifact.data)
    assert shown.index(names[1]) < shown.index(names[0])  # Problems first.


async def test_all_done_is_completed(api: StartApi, deployed: Deployed) -> None:
    await deployed.add("acme", fleet_file=str(api(servers=1, applications=1).fleet))
    async with deployed.worker():
        state = await together(deployed.name("acme"))
    assert (state.name, state.message) == ("Completed", "1 fleet done")


@pytest.mark.parametrize(
    "parameters",
    [{"fleets": []}, {"fleets": ["a/b"]}, {"fleets": ["a"], "deployment": "a/b"}, {"fleets": ["a"], "deployment": ""}],
    ids=str,
)
async def test_what_names_no_deployment_is_refused_before_anything_is_started(parameters: dict[str, Any]) -> None:
    state: Any = await all_fleets(**parameters, return_state=True)
    assert state.is_failed()


async def started(deployed: Deployed, *fleets: str, key: str = "monday") -> Started:
    return await start_fleets([deployed.name(fleet) for fleet in fleets], "nightly", f"{deployed.word} {key}")


async def test_what_is_started_again_is_the_same_run(deployed: Deployed) -> None:
    for fleet in ("acme", "globex"):
        await deployed.add(fleet, fleet_file="fleet.yaml")
    first = await started(deployed, "acme", "globex")
    assert await started(deployed, "acme", "globex", "acme") == first
    assert len(await deployed.runs()) == 2
    await started(deployed, "acme", key="tuesday")
    assert len(await deployed.runs()) == 3


async def test_a_run_that_continues_one_whose_worker_died_follows_what_that_one_started(deployed: Deployed) -> None:
    await deployed.add("acme", fleet_file="fleet.yaml")
    begun = await started(deployed, "acme")
    (run,) = await deployed.runs()
    async with get_client() as client:
        await client.set_flow_run_state(run.id, Completed(message="6 verified"), force=True)
        flow = await client.create_flow(all_fleets)
        deployment = await client.create_deployment(flow, f"all-fleets-{deployed.word}")
        after = await client.create_flow_run_from_deployment(
            deployment,
            parameters={"fleets": [deployed.name("acme")]},
            labels={RUN_KEY: f"{deployed.word} monday"},
        )
        executing: Any = run_flow(all_fleets, flow_run=after, parameters=after.parameters, return_type="state")
        state = await executing
        await client.delete_deployment(deployment)
    assert state.message == "1 fleet done"
    assert [each.id for each in await deployed.runs()] == list(begun.values())


async def test_a_run_that_no_worker_begins_is_told_and_stays(deployed: Deployed) -> None:
    await deployed.add("acme", fleet_file="fleet.yaml")
    clock = Clock()
    (ending,) = await follow_fleets(await started(deployed, "acme"), clock, clock.sleep)
    assert ending.exit_code == Exit.NONE_STARTED
    assert ending.verdict.startswith("not started (Scheduled): is a worker of its pool running")
    assert START_SECONDS <= clock.now < START_SECONDS + 120
    (run,) = await deployed.runs()
    assert run.state_type is StateType.SCHEDULED


async def test_a_run_that_another_continues_is_followed_to_the_end_of_the_other(deployed: Deployed) -> None:
    await deployed.add("acme", fleet_file="fleet.yaml")
    begun = await started(deployed, "acme")
    (dead,) = await deployed.runs()
    async with get_client() as client:
        await client.set_flow_run_state(dead.id, Crashed(name=CONTINUED_STATE, message="continued"), force=True)
        after = await client.create_flow_run_from_deployment(
            deployed.ids["acme"], idempotency_key=continuation_key(dead.id)
        )
        await client.set_flow_run_state(after.id, Running(), force=True)
        waiting = asyncio.create_task(follow_fleets(begun))
        await asyncio.sleep(0)
        await client.set_flow_run_state(after.id, Completed(message="6 verified"), force=True)
    (ending,) = await waiting
    assert (ending.exit_code, ending.verdict) == (Exit.DONE, "6 verified")


async def test_a_prefect_server_that_is_away_is_waited_for(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    await deployed.add("acme", fleet_file="fleet.yaml")
    begun = await started(deployed, "acme")
    (run,) = await deployed.runs()
    async with get_client() as client:
        await client.set_flow_run_state(run.id, Completed(message="6 verified"), force=True)
    clock, read, questions = Clock(), following._read, 0

    async def away(followed: dict[str, UUID]) -> Any:
        nonlocal questions
        questions += 1
        if questions < 60:
            raise OSError("no route")
        return await read(followed)

    warned: list[str] = []

    class Logger:
        def warning(self, text: str, *words: object) -> None:
            warned.append(text % words)

    monkeypatch.setattr(following, "_read", away)
    monkeypatch.setattr(following, "get_run_logger", Logger)
    (ending,) = await follow_fleets(begun, clock, clock.sleep)
    assert ending.verdict == "6 verified"
    assert warned == ["the runs are not followed for now: OSError: no route"]
