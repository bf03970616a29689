"""Registers the deployments of a file on a Prefect server, and finds those there that the file no longer has."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final, Literal
from uuid import UUID

from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.objects import ConcurrencyOptions
from prefect.deployments.runner import RunnerDeployment
from prefect.exceptions import ObjectNotFound
from prefect.flows import Flow

import fleet_backup_entrypoints
from deployments.declaration import TAG, Declaration, WorkPool
from deployments.registration.comparison import shown
from deployments.registration.served import our_deployments
from deployments.registration.server_automations import triggers_differ
from deployments.registration.server_schedules import Schedules, bring, compared
from tasks.run.credentials import ServerAvatarCredentials

Change = Literal["created", "changed", "unchanged"]
_NO_POOL: Final[dict[str, Any]] = {"work_pool_name": None, "work_queue_name": None}
"""Takes a deployment back from the pool that it was once deployed to; its workers would run it beside `serve`."""
ENVIRONMENT: Final = {"PYTHONSAFEPATH": "1", "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30"}
"""Of every run. A folder named `flows` or `tasks` where a worker was started must not hide ours; and a run gives a sign
of life every 30 s, Prefect's minimum, so that a dead one is soon noticed."""


class RegistrationError(RuntimeError):
    """The deployments cannot be registered; the text gives the reason."""


@dataclass(frozen=True, slots=True)
class Registration:
    """What becomes of one deployment of the file.

    Attributes:
        declared: the deployment in the file.
        deployment: the same for Prefect.
        change: what the server needs.
        schedules: those of the file and of the server.
        id: of the deployment on the server; None: it is not there yet.
        paused: whether it is paused on the server, with all its schedules.
    """

    declared: Declaration
    deployment: RunnerDeployment
    change: Change
    schedules: Schedules
    id: UUID | None = None
    paused: bool = False

    async def bring_schedules(self, client: PrefectClient) -> None:
        """Make the schedules of a deployment that was there those of the file; a new one has them already."""
        if self.id is not None:
            await bring(client, self.id, self.schedules)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What to register.

    Attributes:
        deployments: those of the file, in order, and how each changes the server.
        orphans: full names of our deployments on the server that the file no longer has.
    """

    deployments: tuple[Registration, ...]
    orphans: tuple[str, ...]


def deployment_of(one: Declaration, schedules: Schedules | None, *, on_pool: bool) -> RunnerDeployment:
    """The deployment of a declaration.

    Args:
        one: the declaration.
        schedules: those of a new deployment; None: the server's stay as they are.
        on_pool: whether workers of a work pool execute the runs, or a `serve` process.

    Raises:
        RegistrationError: its flow cannot be imported, or its parameters do not fit the flow.
    """
    flow = _flow_of(one)
    limit = one.concurrency_limit
    deployment = RunnerDeployment(
        name=one.name,
        flow_name=flow.name,
        # Prefect would take the commit of whatever git repository the command runs in.
        version=version("fleet-backup"),
        description=one.description or None,
        tags=sorted({TAG, *one.tags}),
        parameters=one.parameters,
        entrypoint=one.module_entrypoint,
        concurrency_limit=limit.limit if limit else None,
        concurrency_options=_options(one),
        triggers=one.triggers,
        **({"schedules": list(schedules.wanted)} if schedules else {}),
        **(_pool(one.work_pool) if on_pool else _NO_POOL),
    )
    deployment._set_defaults_from_flow(flow)  # noqa: SLF001 - as Prefect's own `deploy` does
    return deployment


def _flow_of(one: Declaration) -> Flow[..., Any]:
    """Import the flow of a declaration; Prefect's own loader would look in the working folder first.

    Raises:
        RegistrationError: it cannot be imported.
    """
    try:
        flow: Flow[..., Any] = getattr(fleet_backup_entrypoints, one.flow)
    except (ImportError, SyntaxError) as error:
        raise RegistrationError(f"{one.name}: {one.entrypoint} cannot be loaded: {error}") from None
    return flow


def _pool(pool: WorkPool) -> dict[str, Any]:
    variables = pool.job_variables
    return {
        "work_pool_name": pool.name,
        "work_queue_name": pool.work_queue_name,
        "job_variables": {**variables, "env": {**ENVIRONMENT, **variables.get("env", {})}},
    }


async def register_block() -> None:
    """Register the block type for credentials, so that the UI has its form."""
    await ServerAvatarCredentials.register_type_and_schema()


async def prepare(declared: Sequence[Declaration], *, on_pool: bool) -> Prepared:
    """Compare the deployments of the file with those of the server; change nothing.

    A schedule that was turned on or off in the UI stays so, unless the file or an option turns it on.

    Args:
        declared: every deployment of the file.
        on_pool: whether workers of a work pool execute the runs, or a `serve` process.

    Raises:
        RegistrationError: a flow cannot be imported.
    """
    async with get_client() as client:
        prepared = [await _compared(one, client, on_pool=on_pool) for one in declared]
        orphans = await _orphans(client, {each.deployment.full_name for each in prepared})
    return Prepared(tuple(prepared), tuple(orphans))


async def register(prepared: Prepared) -> None:
    """Create and change deployments on the server; leave the unchanged ones alone."""
    async with get_client() as client:
        for one in prepared.deployments:
            if one.change != "unchanged":
                await one.deployment.aapply()
                await one.bring_schedules(client)


async def _compared(one: Declaration, client: PrefectClient, *, on_pool: bool) -> Registration:
    try:
        there = await client.read_deployment_by_name(f"{_flow_of(one).name}/{one.name}")
    except ObjectNotFound:
        new = compared(one.schedules, ())
        return Registration(one, deployment_of(one, new, on_pool=on_pool), "created", new)
    schedules = compared(one.schedules, there.schedules)
    deployment = deployment_of(one, None, on_pool=on_pool)
    differ = schedules.differ or shown(deployment) != shown(there)
    changed = differ or await triggers_differ(one.triggers, there.id, client)
    return Registration(one, deployment, "changed" if changed else "unchanged", schedules, there.id, there.paused)


async def _orphans(client: PrefectClient, kept: set[str]) -> list[str]:
    """Deployments with our tag that are not in the file."""
    found = [each async for each in our_deployments(client)]
    flows = {flow_id: await client.read_flow(flow_id) for flow_id in {each.flow_id for each in found}}
    names = {f"{flows[each.flow_id].name}/{each.name}" for each in found}
    return sorted(names - kept)


def _options(one: Declaration) -> ConcurrencyOptions | None:
    limit = one.concurrency_limit
    return ConcurrencyOptions(collision_strategy=limit.collision_strategy) if limit else None
