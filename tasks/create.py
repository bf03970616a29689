"""Task: create one backup. Retried by Prefect, where people see it; never resent blindly."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, Final, cast

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.runtime import task_run as this_task_run
from prefect.tasks import Task, exponential_backoff

from fleet.creation import CreateError, after_failure, reason_of
from fleet.outcome import Outcome, Result
from fleet.serveravatar.errors import ApiError, ApiUnusableError
from fleet.serveravatar.models import Backup
from fleet.serveravatar.wire import create_backup as create_request
from fleet.target import Target
from tasks.run_context import RunContext

RETRIES: Final = 6
LAST_LOOK: Final = 5.0
"""Seconds between the last attempt and the last look at the list."""


@dataclass(frozen=True, slots=True)
class Created:
    """A create that succeeded: accepted now, or found to be there already."""

    outcome: Outcome
    backup_id: int | None = None


def worth_retrying(_task: Task[..., Any], _task_run: TaskRun, state: State[Any]) -> bool:
    """Whether Prefect shall run the create again: the error that ended it says so.

    A plain function reading `state.data`: Prefect takes anything else for a refusal, without a word.
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
async def create(label: str, target: Target, context: RunContext) -> Created:  # noqa: ARG001 - Prefect's UI shows it
    """Create the backup of one target, after a look at the list where an earlier attempt may have been applied.

    Raises:
        CreateError: refused, or failed; it says whether another attempt is worth it.
        ApiUnusableError: no request of this run will fare better.
    """
    attempts = context.attempts(target)
    if attempts.doubtful and (backup := await _look(target, context)):
        return Created(Outcome.ADOPTED, backup.id)
    attempts.begin()
    body = target.request.body(target.backup_name(context.run_key))
    try:
        await context.client.send(create_request(target.organization, target.server_id, body))
    except ApiUnusableError as error:
        context.api_problem = error.reason
        raise
    except ApiError as error:
        automatic = target.request.automatic_backup
        failure = after_failure(error.meaning, automatic_backup=automatic)
        attempts.doubtful |= failure.doubtful
        is_last = (this_task_run.run_count or 1) > RETRIES
        if is_last and attempts.doubtful and not automatic:
            await asyncio.sleep(LAST_LOOK)
            if backup := await _look(target, context):
                return Created(Outcome.ADOPTED, backup.id)
        raise CreateError(
            failure.outcome, reason_of(error, failure, automatic_backup=automatic), retry=failure.retry
        ) from None
    finally:
        attempts.end()
    return Created(Outcome.CREATED)


async def _look(target: Target, context: RunContext) -> Backup | None:
    try:
        found = await context.backups_of(target.organization).look(context.sought(target))
    except ApiError as error:
        reason = f"it may have been created, and the list of backups could not be read: {error}"
        raise CreateError(Outcome.IN_DOUBT, reason, retry=True) from None
    return found[0] if found else None


async def create_one(target: Target, context: RunContext) -> Result:
    """Run the task for one target, and read from its final state how the target ended."""
    label = context.observed.label(target)
    # Prefect's overloads take the call for a synchronous one when it returns a state.
    state = await cast("Awaitable[State[Created]]", create(label, target, context, return_state=True))
    ended = await state.aresult(raise_on_failure=False)
    if isinstance(ended, Created):
        return context.result(target, ended.outcome, backup_id=ended.backup_id)
    if isinstance(ended, CreateError):
        return context.result(target, ended.outcome, ended.reason)
    if isinstance(ended, ApiUnusableError):
        return context.result(target, Outcome.NOT_TRIED, ended.reason)
    sent = context.attempts(target).count > 0
    reason = f"the task ended unexpectedly: {state.message or state.type.value}"
    return context.result(target, Outcome.IN_DOUBT if sent else Outcome.NOT_TRIED, reason)
