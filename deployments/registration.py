"""Registers the deployments of a file on a Prefect server, and finds those there that the file no longer has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final, Literal

from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate, WorkPoolCreate
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterTags
from prefect.client.schemas.objects import ConcurrencyOptions
from prefect.client.schemas.responses import DeploymentResponse
from prefect.deployments.runner import RunnerDeployment
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound
from prefect.flows import Flow, load_flow_from_entrypoint

from deployments.declaration import TAG, Declaration, WorkPool
from deployments.schedule_entry import ScheduleEntry
from tasks.run.credentials import ServerAvatarCredentials

Change = Literal["created", "changed", "unchanged"]
_SAFE_PATH: Final = {"PYTHONSAFEPATH": "1"}
"""A folder named `flows` or `tasks` where a worker was started must not hide ours."""


class RegistrationError(RuntimeError):
    """The deployments cannot be registered; the text gives the reason."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What to register.

    Attributes:
        deployments: those of the file, in order, and how each changes the server.
        orphans: full names of our deployments on the server that the file no longer has.
    """

    deployments: tuple[tuple[RunnerDeployment, Change], ...]
    orphans: tuple[str, ...]


def deployment_of(one: Declaration, *, on_pool: bool, switched: Mapping[str | None, bool]) -> RunnerDeployment:
    """The deployment of a declaration.

    Args:
        one: the declaration.
        on_pool: whether workers of a work pool execute the runs, or a `serve` process.
        switched: by slug, whether a schedule that exists on the server is on or off there.

    Raises:
        RegistrationError: its flow cannot be imported, or its parameters do not fit the flow.
    """
    try:
        flow: Flow[..., Any] = load_flow_from_entrypoint(one.module_entrypoint, use_placeholder_flow=False)
    except (ImportError, AttributeError, SyntaxError) as error:
        raise RegistrationError(f"{one.name}: {one.entrypoint} cannot be loaded: {error}") from None
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
        schedules=[_schedule(entry, switched) for entry in one.schedules],
        concurrency_limit=limit.limit if limit else None,
        concurrency_options=_options(one),
        **(_pool(one.work_pool) if on_pool else {}),
    )
    deployment._set_defaults_from_flow(flow)  # noqa: SLF001 - as Prefect's own `deploy` does
    return deployment


def _pool(pool: WorkPool) -> dict[str, Any]:
    variables = pool.job_variables
    return {
        "work_pool_name": pool.name,
        "work_queue_name": pool.work_queue_name,
        "job_variables": {**variables, "env": {**_SAFE_PATH, **variables.get("env", {})}},
    }


async def register_block() -> None:
    """Register the block type for credentials, so that the UI has its form."""
    await ServerAvatarCredentials.register_type_and_schema()


async def ensure_pool(name: str) -> bool:
    """Create a work pool for processes, unless one of this name exists.

    Returns:
        Whether it was created.
    """
    async with get_client() as client:
        try:
            await client.read_work_pool(name)
        except ObjectNotFound:
            try:
                await client.create_work_pool(WorkPoolCreate(name=name, type="process"))
            except ObjectAlreadyExists:
                return False
            return True
    return False


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
        orphans = await _orphans(client, {deployment.full_name for deployment, _ in prepared})
    return Prepared(tuple(prepared), tuple(orphans))


async def register(prepared: Prepared) -> None:
    """Create and change deployments on the server; leave the unchanged ones alone."""
    for deployment, change in prepared.deployments:
        if change != "unchanged":
            await deployment.aapply()


async def _compared(one: Declaration, client: PrefectClient, *, on_pool: bool) -> tuple[RunnerDeployment, Change]:
    deployment = deployment_of(one, on_pool=on_pool, switched={})
    try:
        there = await client.read_deployment_by_name(deployment.full_name)
    except ObjectNotFound:
        return deployment, "created"
    switched = {schedule.slug: schedule.active for schedule in there.schedules}
    deployment = deployment_of(one, on_pool=on_pool, switched=switched)
    return deployment, "unchanged" if _shown(deployment) == _shown(there) else "changed"


def _shown(deployment: RunnerDeployment | DeploymentResponse) -> dict[str, Any]:
    """The fields in which two equal deployments agree."""
    if isinstance(deployment, RunnerDeployment):
        form = deployment._parameter_openapi_schema.model_dump(exclude_unset=True)  # noqa: SLF001 - there is no public one
        limit = deployment.concurrency_limit
    else:
        form = deployment.parameter_openapi_schema or {}
        limit = deployment.global_concurrency_limit.limit if deployment.global_concurrency_limit else None
    options = deployment.concurrency_options
    return {
        "description": deployment.description,
        "tags": sorted(deployment.tags),
        "parameters": deployment.parameters,
        "form": form,
        "entrypoint": deployment.entrypoint,
        "version": deployment.version,
        "pool": deployment.work_pool_name,
        "queue": deployment.work_queue_name or ("default" if deployment.work_pool_name else None),
        "job": deployment.job_variables or {},
        "limit": limit,
        "collision": options.collision_strategy if options else None,
        "schedules": sorted(
            str((it.slug, it.active, it.schedule and it.schedule.model_dump(mode="json"), it.parameters))
            for it in deployment.schedules or []
        ),
    }


async def _orphans(client: PrefectClient, kept: set[str]) -> list[str]:
    """Deployments with our tag that are not in the file."""
    ours = DeploymentFilter(tags=DeploymentFilterTags(all_=[TAG]))
    found = await client.read_deployments(deployment_filter=ours)
    flows = {flow_id: await client.read_flow(flow_id) for flow_id in {each.flow_id for each in found}}
    names = {f"{flows[each.flow_id].name}/{each.name}" for each in found}
    return sorted(names - kept)


def _schedule(entry: ScheduleEntry, switched: Mapping[str | None, bool]) -> DeploymentScheduleCreate:
    active = entry.active or switched.get(entry.slug, entry.active is None)
    return DeploymentScheduleCreate(schedule=entry.value(), active=active, slug=entry.slug, parameters=entry.parameters)


def _options(one: Declaration) -> ConcurrencyOptions | None:
    limit = one.concurrency_limit
    return ConcurrencyOptions(collision_strategy=limit.collision_strategy) if limit else None
