"""Whether a deployment of the file equals the one on the server."""

from typing import Any

from prefect.client.schemas.responses import DeploymentResponse
from prefect.deployments.runner import RunnerDeployment


def shown(deployment: RunnerDeployment | DeploymentResponse) -> dict[str, Any]:
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
    }
