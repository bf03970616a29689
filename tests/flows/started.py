"""Runs of a deployment, executed here: what a worker does, without its process."""

import contextlib
from typing import Any, ClassVar, get_args
from uuid import UUID, uuid4

import httpx
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.objects import FlowRun, State
from prefect.exceptions import Pause
from prefect.flow_engine import run_flow
from prefect.flow_runs import aresume_flow_run
from prefect.states import Scheduled

from flows.fleet_backup import fleet_backup
from tasks.phases.approve import Answer
from tests.flows.conftest import Api


class Started:
    """A run of a deployment, and this process as the worker that executes it."""

    deployments: ClassVar[list[UUID]] = []

    def __init__(self, run: FlowRun) -> None:
        self.id = run.id

    @classmethod
    def remove_deployments(cls) -> None:
        """The server is shared with tests that list what is deployed."""
        with get_client(sync_client=True) as client:
            while cls.deployments:
                client.delete_deployment(cls.deployments.pop())

    @classmethod
    async def of(cls, api: Api, **parameters: Any) -> "Started":
        async with get_client() as client:
            flow = await client.create_flow(fleet_backup)
            deployment = await client.create_deployment(flow, f"approval-{uuid4().hex}")
            cls.deployments.append(deployment)
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
        await aresume_flow_run(self.id, run_input={"answer": get_args(Answer)[0 if yes else 1]})
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
