"""A run that Prefect takes for running and whose process is dead: it is marked, and another run continues it."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.objects import FlowRun, State
from prefect.client.schemas.sorting import FlowRunSort
from prefect.states import AwaitingRetry, Cancelling, Completed, Pending, Running

from deployments.serving import healing
from deployments.serving.healing import LeftRuns
from fleet.ledger.database.engine import LedgerError
from fleet.ledger.database.schema import owners
from fleet.ledger.database.transaction import written
from fleet.ledger.life import life_of
from fleet.ledger.reports import report_since
from fleet.ledger.store import Ledger
from fleet.report.outcome import Exit, Verdict
from fleet.report.report import build
from fleet.schedules import dead_runs
from fleet.schedules.dead_runs import Fate
from fleet.schedules.silence import Silence
from flows.continue_run import continue_run as flow
from flows.fleet_backup import fleet_backup
from tasks.phases import continue_run as phase
from tasks.phases.continue_run import _last_sign, followed, settle
from tasks.run.this_run import CONTINUATION, CONTINUES, RUN_KEY
from tests.unit.fleet.ledger.ledgers import claimed, entry

pytestmark = pytest.mark.anyio


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'ledger.sqlite'}"


class Client(PrefectClient):
    """Prefect's client, and a deployment of the flow for one test: the server is shared with others."""

    deployment: UUID


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with get_client() as prefect:
        client = cast("Client", prefect)
        flow_id = await client.create_flow(fleet_backup)
        client.deployment = await client.create_deployment(flow_id, f"continue-{uuid4().hex}", concurrency_limit=1)
        yield client
        await client.delete_deployment(client.deployment)


async def begun(client: Client, state: State[Any], **parameters: object) -> FlowRun:
    """A run of the deployment in this state."""
    run = await client.create_flow_run_from_deployment(client.deployment, parameters=parameters)
    await client.set_flow_run_state(run.id, Running(), force=True)
    await client.set_flow_run_state(run.id, state, force=True)
    return await client.read_flow_run(run.id)


async def lease(url: str, run: FlowRun, seconds: float, key: str = "monday") -> None:
    """What the ledger has of a run on another machine whose lease ends in so many seconds."""
    row = {"id": str(uuid4()), "lease_until": time.time() + seconds, "space": "another machine", "pid": 1}
    insert = owners.insert().values(**row, flow_run=str(run.id), run_key=key)
    await written(url, lambda connection: connection.execute(insert))


async def settled(run: FlowRun, url: str) -> tuple[Fate, str]:
    """What a watcher does who has seen the run silent, and its lease expired, for a quarter of an hour."""
    return await settle(run.id, url, await long_silence(run))


async def long_silence(run: FlowRun) -> Silence:
    clock = Clock()
    silence = Silence(clock)
    async with get_client() as client:
        silence.heard(await _last_sign(await client.read_flow_run(run.id), client))
    silence.expired(is_expired=True)
    clock.now += 900
    return silence


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def claim(url: str, key: str = "monday") -> None:
    async with Ledger(url) as ledger:
        await claimed(ledger, replace(entry(), run_key=key))


async def record(url: str, key: str, exit_code: Exit, words: str) -> None:
    now = datetime.now(UTC)
    async with Ledger(url) as ledger:
        await ledger.record_run("fleet.yaml", build(key, (now, now), {}, [], Verdict(exit_code, words)))


async def state_of(client: Client, run: FlowRun) -> tuple[str, str]:
    state = (await client.read_flow_run(run.id)).state
    assert state is not None
    return str(state.name), str(state.message)


async def continued(client: Client, run: FlowRun) -> list[FlowRun]:
    """The runs that continue a run."""
    found = await client.read_flow_runs(sort=FlowRunSort.START_TIME_ASC)
    return [each for each in found if each.labels.get(CONTINUES) == run.name]


async def test_a_run_that_continues_one_of_several_is_one_of_them_too(client: Client, url: str) -> None:
    """Else alarms would be sent about it beside the one message about all."""
    dead = await client.create_flow_run_from_deployment(
        client.deployment, name="back up shops · all-fleets", tags=["all-fleets", "mine"]
    )
    await client.set_flow_run_state(dead.id, Running(), force=True)
    run = await client.read_flow_run(dead.id)
    await lease(url, run, -1)
    await settled(run, url)
    (successor,) = await continued(client, run)
    assert set(successor.tags) == {"continued", "all-fleets"}
    assert successor.name == "back up shops · continued · all-fleets"


async def test_a_dead_run_is_continued_once_with_its_key_and_its_parameters(client: Client, url: str) -> None:
    run = await begun(client, Running(), limit=["web-*"], approve_above=5)
    await lease(url, run, -1)
    await claim(url)
    fate, why = await settled(run, url)
    (successor,) = await continued(client, run)
    assert (fate, why) == (Fate.CONTINUE, f"its process is dead; continued by {successor.name}")
    assert successor.parameters["limit"] == ["web-*"]
    assert successor.parameters["approve_above"] == 0  # What is in the ledger was approved.
    assert successor.labels[RUN_KEY] == "monday"
    assert successor.labels[CONTINUATION] == 1
    assert "continued" in successor.tags
    assert (await state_of(client, run))[0] == "Continued"
    assert (await settled(run, url))[0] is Fate.LEAVE
    assert len(await continued(client, run)) == 1


async def test_whoever_is_killed_between_the_two_steps_continues_it_once_all_the_same(
    client: Client, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await begun(client, Running())
    await lease(url, run, -1)

    async def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as context:
        context.setattr("tasks.phases.continue_run._set", killed)
        with pytest.raises(KeyboardInterrupt):
            await settled(run, url)
    assert (await settled(run, url))[0] is Fate.CONTINUE
    assert len(await continued(client, run)) == 1


async def test_a_run_that_has_not_asked_for_its_approval_yet_still_asks(client: Client, url: str) -> None:
    run = await begun(client, Running(), approve_above=5)
    await lease(url, run, -1)
    await settled(run, url)
    assert (await continued(client, run))[0].parameters["approve_above"] == 5


async def test_a_run_that_is_alive_is_left_alone_whatever_prefect_heard(client: Client, url: str) -> None:
    states: list[State[Any]] = [Running(), Cancelling(), Pending()]
    for state in states:
        run = await begun(client, state)
        await lease(url, run, 60)
        assert (await settled(run, url))[0] is Fate.WAIT
        assert (await state_of(client, run))[0] == state.name


@pytest.mark.parametrize("state", [Completed(), AwaitingRetry()])
async def test_a_run_that_has_ended_or_waits_is_left_alone(client: Client, url: str, state: State[Any]) -> None:
    run = await begun(client, state)
    await lease(url, run, -1)
    assert (await settled(run, url))[0] is Fate.LEAVE


@pytest.mark.parametrize(
    ("exit_code", "name"),
    [
        (Exit.DONE, "Completed"),
        (Exit.SOME_FAILED, "Incomplete"),
        (Exit.NONE_STARTED, "Failed"),
        (Exit.INTERRUPTED, "Crashed"),
    ],
)
async def test_a_run_that_died_after_its_verdict_gets_the_state_of_it(
    client: Client, url: str, exit_code: Exit, name: str
) -> None:
    run = await begun(client, Running(), run_key=f"key-{name}")
    await record(url, f"key-{name}", exit_code, "14 verified")
    await lease(url, run, -1, f"key-{name}")
    assert (await settled(run, url))[0] is Fate.VERDICT
    assert await state_of(client, run) == (name, "14 verified")
    assert await continued(client, run) == []


async def test_the_verdict_of_an_earlier_run_of_the_key_is_not_its_own(client: Client, url: str) -> None:
    await record(url, "monday", Exit.SOME_FAILED, "3 rejected")
    run = await begun(client, Running(), run_key="monday")
    await lease(url, run, -1)
    assert (await settled(run, url))[0] is Fate.CONTINUE


async def test_a_dead_run_that_was_being_cancelled_is_cancelled(client: Client, url: str) -> None:
    run = await begun(client, Cancelling())
    await lease(url, run, -1)
    assert (await settled(run, url))[0] is Fate.CANCELLED
    assert (await state_of(client, run))[0] == "Cancelled"


async def test_a_run_that_the_ledger_does_not_know_is_ended_and_not_continued(client: Client, url: str) -> None:
    run = await begun(client, Running())
    assert (await settled(run, url))[0] is Fate.CRASHED
    assert (await state_of(client, run))[0] == "Crashed"
    assert await continued(client, run) == []


async def test_a_run_that_is_heard_again_is_left_alone_whatever_the_ledger_knows(client: Client, url: str) -> None:
    """A run of another ledger, after its Prefect server was away: it sends heartbeats again."""
    run = await begun(client, Running())
    silence = await long_silence(run)
    beat = {"event": "prefect.flow-run.heartbeat", "occurred": datetime.now(UTC).isoformat(), "id": str(uuid4())}
    resource = {"prefect.resource.id": f"prefect.flow-run.{run.id}"}
    before = await _last_sign(run, client)
    await client.request("POST", "/events", json=[{**beat, "resource": resource}])
    while await _last_sign(run, client) == before:  # noqa: ASYNC110 - Prefect's server keeps events in batches
        await asyncio.sleep(0.1)
    assert (await settle(run.id, url, silence))[0] is Fate.WAIT
    assert silence.is_broken


async def test_a_lease_that_has_just_expired_may_be_renewed(client: Client, url: str) -> None:
    run = await begun(client, Running())
    await lease(url, run, -1)
    assert (await settle(run.id, url, Silence()))[0] is Fate.WAIT


async def test_a_retry_whose_process_died_does_not_get_the_verdict_of_the_first_attempt(
    client: Client, url: str
) -> None:
    run = await begun(client, Running(), run_key="retried")
    await record(url, "retried", Exit.NONE_STARTED, "13 not tried")
    await client.set_flow_run_state(run.id, AwaitingRetry(), force=True)
    await client.set_flow_run_state(run.id, Running(), force=True)
    await lease(url, run, -1, "retried")
    assert (await settled(run, url))[0] is Fate.CONTINUE


async def test_a_run_that_ends_while_it_is_looked_at_keeps_its_state(
    client: Client, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await begun(client, Running())
    await lease(url, run, -1)
    read = report_since

    async def meanwhile(*arguments: Any) -> Any:
        await client.set_flow_run_state(run.id, Completed(), force=True)
        return await read(*arguments)

    with monkeypatch.context() as context:
        context.setattr(phase, "report_since", meanwhile)
        assert (await settled(run, url))[0] is Fate.WAIT
    assert (await state_of(client, run))[0] == "Completed"


async def test_who_looks_after_a_silent_continuer_looks_after_its_run(client: Client) -> None:
    run = await begun(client, Running())
    flow_id = await client.create_flow(flow)
    deployment = await client.create_deployment(flow_id, f"continuer-{uuid4().hex}")
    continuer = await client.create_flow_run_from_deployment(deployment, parameters={"flow_run": str(run.id)})
    await client.set_flow_run_state(continuer.id, Running(), force=True)
    assert await followed(continuer.id) == run.id
    assert (await state_of(client, continuer))[0] == "Crashed"
    await client.delete_deployment(deployment)


async def test_a_slot_is_free_once_the_dead_run_that_held_it_is_marked(client: Client, url: str) -> None:
    first, second = [await client.create_flow_run_from_deployment(client.deployment) for _ in range(2)]
    await client.set_flow_run_state(first.id, Pending())
    await client.set_flow_run_state(first.id, Running())
    await client.set_flow_run_state(second.id, Pending())
    assert (await state_of(client, second))[0] == "AwaitingConcurrencySlot"
    await lease(url, first, -1)
    await settled(first, url)
    await client.set_flow_run_state(second.id, Pending())
    assert (await state_of(client, second))[0] == "Pending"


@pytest.fixture
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dead_runs, "EXPIRED_SECONDS", 0.0)


@pytest.mark.usefixtures("_at_once")
async def test_the_flow_says_what_became_of_the_run(client: Client, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLEET_BACKUP_LEDGER_URL", url)
    run = await begun(client, Running())
    await lease(url, run, -1)
    state = await flow(run.id, return_state=True)
    assert (state.name, str(state.message).startswith("its process is dead; continued by")) == ("Continued", True)


@pytest.mark.usefixtures("_at_once")
async def test_the_flow_waits_for_a_ledger_that_is_away(
    client: Client, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLEET_BACKUP_LEDGER_URL", url)
    monkeypatch.setattr("flows.continue_run.PAUSE_SECONDS", 0.0)
    run = await begun(client, Running())
    await lease(url, run, -1)
    away, read = [LedgerError("it is away"), OSError()], life_of

    async def fails_twice(*arguments: Any) -> Any:
        if away:
            raise away.pop()
        return await read(*arguments)

    monkeypatch.setattr(phase, "life_of", fails_twice)
    assert (await flow(run.id, return_state=True)).name == "Continued"


async def test_the_flow_ends_where_there_is_no_such_run() -> None:
    state = await flow(uuid4(), return_state=True)
    assert (state.name, state.message) == ("Completed", "there is no such run")


@pytest.mark.usefixtures("_at_once")
async def test_serve_settles_what_an_earlier_one_left_and_says_so(client: Client, url: str) -> None:
    dead, alive = await begun(client, Running()), await begun(client, Running())
    await lease(url, dead, -1)
    await lease(url, alive, 60)
    said: list[str] = []
    left = LeftRuns([client.deployment], url, said.append)
    assert not await left.settle()
    assert (await state_of(client, dead))[0] == "Continued"
    assert (await state_of(client, alive))[0] == "Running"
    ours = [line for line in said if dead.name in line]
    assert ours == [f"Run {dead.name}: its process is dead; continued by {(await continued(client, dead))[0].name}."]

    async def dies(_: float) -> None:
        await written(url, lambda connection: connection.execute(owners.update().values(lease_until=0.0)))

    await left.settle_all(dies)
    assert (await state_of(client, alive))[0] == "Continued"


@pytest.mark.usefixtures("_at_once")
async def test_serve_asks_again_while_ledger_or_server_are_away_and_says_so_once(
    client: Client, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await begun(client, Running())
    await lease(url, run, -1)
    said: list[str] = []
    left = LeftRuns([client.deployment], url, said.append)

    async def away(*_: object) -> Any:
        raise LedgerError("it is away")

    for name in ("_started", "settle", "settle"):
        with monkeypatch.context() as context:
            context.setattr(healing, name, away)
            assert not await left.settle()
    assert said == [
        "Runs that an earlier serve may have left are not known yet (LedgerError: it is away).",
        f"Run {run.name}: not known yet what became of it (LedgerError: it is away).",
    ]
    assert await left.settle()
    assert (await state_of(client, run))[0] == "Continued"
