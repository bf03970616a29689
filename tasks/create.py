"""Task: create one backup. Retried by Prefect, where people see it; never resent blindly."""

from typing import Any, Final

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.runtime import task_run as this_task_run
from prefect.tasks import Task, exponential_backoff

from fleet.creation.create_error import CreateError
from fleet.inventory.target import Target
from tasks.creating.in_flight import Leave
from tasks.creating.protocol import Created, CreateProtocol

RETRIES: Final = 6


def worth_retrying(_task: Task[..., Any], _task_run: TaskRun, state: State[Any]) -> bool:
    """Whether Prefect shall run the create again: the error that ended it says so.

    A plain function reading `state.data`: Prefect silently takes anything else for a refusal.
    """
    return isinstance(state.data, CreateError) and state.data.retry


@task(
    name="create",
    task_run_name="{label}",
    retries=RETRIES,
    retry_delay_seconds=exponential_backoff(1),
    retry_jitter_factor=0.5,
    retry_condition_fn=worth_retrying,
    cache_policy=NO_CACHE,
    persist_result=False,
)
async def create(label: str, target: Target, protocol: CreateProtocol, leave: Leave) -> Created:  # noqa: ARG001 - Prefect's UI shows the label
    """Take the steps of the protocol for one target, until it has ended or must be retried.

    Raises:
        CreateError: refused, failed or in doubt; it says whether another attempt is worth making.
        ApiUnusableError: no request of this run will fare better.
        LedgerError: the ledger cannot be written, so nothing may be sent.
    """
    try:
        return await protocol.create(target, leave, is_last_attempt=(this_task_run.run_count or 1) > RETRIES)
    except CreateError as error:
        if error.retry:
            get_run_logger().warning("%s; it is tried again", error.reason)
        raise
    finally:
        leave()  # Prefect may wait a minute before the next attempt: meanwhile others take the place.
