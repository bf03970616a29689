"""Task: create one backup. Retried by Prefect, where people see it; never resent blindly."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, cast

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.runtime import task_run as this_task_run
from prefect.tasks import Task, exponential_backoff

from fleet.creation import CreateError
from fleet.fault_points import FaultPoint, reach
from fleet.ledger.engine import LedgerError
from fleet.ledger.entry import (
    Entry,
    Step,
    answered,
    ended,
    expired,
    found,
    next_step,
    not_found,
    sending,
    sent_again,
)
from fleet.ledger.groups import LostLeaseError
from fleet.outcome import Exit, Halt, Outcome, Result
from fleet.plans import doubt
from fleet.serveravatar.catalogue import Meaning
from fleet.serveravatar.errors import ApiError, ApiUnusableError
from fleet.serveravatar.wire import create_backup as create_request
from fleet.target import Target
from tasks.in_flight import Leave
from tasks.run_context import RunContext

RETRIES: Final = 6
LAST_ANSWER: Final = 3.0
"""Seconds that an interrupted run waits for the answer to what is under way, so that less is left in doubt."""


@dataclass(frozen=True, slots=True)
class Created:
    """A create that succeeded: accepted now, or found to be there already."""

    outcome: Outcome
    backup_id: int | None = None


class WindowClosedError(Exception):
    """The window of a target is closed, so nothing was sent; the text says when it opens."""


class Creation:
    """One target's create as its task is given it: what it is about, and how it went.

    Not a dataclass: Prefect looks into those for futures, at every task. And the task returns nothing, since Prefect
    keeps a state for every value that a task returns as long as the flow runs.
    """

    def __init__(self, target: Target, context: RunContext, leave: Leave) -> None:
        """Prepare.

        Args:
            target: what is asked for.
            context: of the run.
            leave: gives the place in flight back, before a wait for anything but the API.
        """
        self.target = target
        self.context = context
        self.leave = leave
        self.created: Created | None = None


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
async def create(label: str, creation: Creation) -> None:  # noqa: ARG001 - Prefect's UI shows it
    """Take the steps of the protocol for one target, until it has ended or must be retried.

    Raises:
        CreateError: refused, failed or in doubt; it says whether another attempt is worth it.
        ApiUnusableError: no request of this run will fare better.
        LedgerError: the ledger cannot be written, so nothing may be sent.
    """
    try:
        creation.created = await _created(creation)
    except CreateError as error:
        if error.retry:
            get_run_logger().warning("%s; it is tried again", error.reason)
        raise
    finally:
        creation.leave()  # Prefect may wait a minute before it tries again: the others go on.


async def _created(creation: Creation) -> Created:
    """Take the steps of `fleet.ledger.entry`."""
    target, context = creation.target, creation.context
    entry, sent, looked = context.entry(target), False, False
    while True:
        match next_step(entry, context.ledger.now(), context.rules, looked=looked):
            case Step.DONE:
                return Created(entry.outcome or Outcome.ADOPTED, entry.backup_id)
            case Step.WAIT:
                creation.leave()
                settled_at = (entry.sent_at or 0.0) + context.rules.settle_seconds
                await asyncio.sleep(max(0.0, settled_at - context.ledger.now()))
            case Step.LOOK:
                entry, looked = await _look(entry, target, context), True
            case Step.ASK:
                raise await _in_doubt(entry, context)
            case Step.SEND if sent:
                raise await _failed(entry, context)
            case Step.SEND if why := context.outside_window(target):
                raise await _expired(target, why, context, doubtful_before=entry.doubtful)
            case Step.SEND:
                entry, sent, looked = await _send(target, context), True, False
                if entry.outcome is None and not _must_look_now(entry):
                    raise await _failed(entry, context)


def _must_look_now(entry: Entry) -> bool:
    """Whether doubt is settled within this attempt: a plan's always, another's when no attempt of Prefect's follows.

    Otherwise the next attempt looks, right before it would send.
    """
    return entry.doubtful and (entry.automatic or _is_last_attempt())


def _is_last_attempt() -> bool:
    return (this_task_run.run_count or 1) > RETRIES


async def _send(target: Target, context: RunContext) -> Entry:
    """Record the intent, send, record what the answer means."""
    doubtful_before = context.entry(target).doubtful
    try:
        meaning, reason = await _answer(target, context)
    except WindowClosedError as closed:
        raise await _expired(target, str(closed), context, doubtful_before=doubtful_before) from None
    reach(FaultPoint.AFTER_ANSWER)
    now = context.ledger.now()
    entry = answered(context.entry(target), meaning, reason, now, doubtful_before=doubtful_before)
    if entry.outcome is Outcome.CREATED:
        context.brakes.accepted(target)
    if entry.outcome is Outcome.REJECTED:
        context.brakes.failed(target, entry.reason)
    await context.save(entry)
    reach(FaultPoint.AFTER_OUTCOME)
    if entry.outcome is Outcome.REJECTED:
        raise CreateError(Outcome.REJECTED, entry.reason, retry=False)
    return entry


async def _answer(target: Target, context: RunContext) -> tuple[Meaning, str]:
    """Send the create, and say what its answer means.

    An interrupted run waits a little for what is under way, so that less is left in doubt.
    """
    attempts = context.attempts(target)
    request = create_request(target.organization, target.server_id, context.body(target))
    attempt = asyncio.ensure_future(context.client.send(request, partial(_record_intent, target, context)))
    try:
        await asyncio.shield(attempt)
    except asyncio.CancelledError:
        done, _ = await asyncio.wait([attempt], timeout=LAST_ANSWER if attempts.under_way else 0)
        attempt.cancel()
        if done and attempts.count:
            await _record_last_answer(attempt, target, context)
        raise
    except ApiUnusableError as error:
        if not attempts.under_way:
            raise  # Nothing was sent, and nothing recorded.
        context.stop(Halt(Exit.API_UNUSABLE, error.reason))
        return Meaning.TOKEN_REFUSED, error.reason
    except ApiError as error:
        return error.meaning, error.message
    finally:
        attempts.end()
    return Meaning.ACCEPTED, ""


async def _record_last_answer(attempt: asyncio.Future[Any], target: Target, context: RunContext) -> None:
    """What was answered while the run was being interrupted: a refusal leaves no doubt, an acceptance neither."""
    error = attempt.exception()
    if error is None:
        meaning, reason = Meaning.ACCEPTED, ""
    elif isinstance(error, ApiError):
        meaning, reason = error.meaning, error.message
    else:
        return
    entry = context.entry(target)
    # Whether an earlier attempt is in doubt is not known here: only one that is the first leaves none behind.
    doubtful_before = entry.attempts > 1
    await context.save(answered(entry, meaning, reason, context.ledger.now(), doubtful_before=doubtful_before))


async def _record_intent(target: Target, context: RunContext) -> None:
    """Record durably that the create is being sent; raise where it may not be."""
    attempts = context.attempts(target)
    if attempts.under_way:
        _check_window(target, context)
        # A 429 was waited for: it is the same attempt, but it leaves only now.
        await context.save(sent_again(context.entry(target), context.ledger.now()))
        reach(FaultPoint.AFTER_INTENT)
        return
    if context.halt:
        raise CreateError(Outcome.NOT_TRIED, context.halt.reason, retry=False)
    if why := context.brakes.reason_to_stop(target):
        raise CreateError(Outcome.NOT_TRIED, why, retry=False)
    _check_window(target, context)
    marked = context.backups_of(target.organization).marked
    await context.save(sending(context.entry(target), context.ledger.now(), marked, context.body(target)))
    attempts.begin()
    attempts.sent_at = context.clock()
    reach(FaultPoint.AFTER_INTENT)


def _check_window(target: Target, context: RunContext) -> None:
    """Refuse to send outside the window: the last thing before a request leaves, whatever was waited for."""
    if why := context.outside_window(target):
        raise WindowClosedError(why)


async def _look(entry: Entry, target: Target, context: RunContext) -> Entry:
    reach(FaultPoint.BEFORE_LOOK)
    try:
        rows = await context.backups_of(target.organization).look(context.sought(target))
    except ApiError as error:
        reason = f"it may have been created, and the list of backups could not be read: {error}"
        raise CreateError(Outcome.IN_DOUBT, reason, retry=True) from None
    reach(FaultPoint.AFTER_LOOK)
    return await context.save(found(entry, rows[0].id, rows[0].backup_config_id) if rows else not_found(entry))


async def _failed(entry: Entry, context: RunContext) -> CreateError:
    """An attempt has failed: Prefect makes another, and the last one ends the entry."""
    if context.halt:
        return CreateError(Outcome.NOT_TRIED, context.halt.reason, retry=False)
    if not _is_last_attempt():
        return CreateError(Outcome.EXHAUSTED, entry.reason, retry=True)
    await context.save(ended(entry, Outcome.EXHAUSTED, entry.reason))
    return CreateError(Outcome.EXHAUSTED, entry.reason, retry=False)


async def _expired(target: Target, why: str, context: RunContext, *, doubtful_before: bool) -> CreateError:
    """The window closed first: another run of the key goes on, and looks before if something is in doubt."""
    reason = f"it may have been created, and is not sent again {why}" if doubtful_before else why
    entry = await context.save(expired(context.entry(target), reason, doubtful_before=doubtful_before))
    return CreateError(entry.outcome or Outcome.EXPIRED, entry.reason, retry=False)


async def _in_doubt(entry: Entry, context: RunContext) -> CreateError:
    """A plan that may exist: say what a person can do."""
    entry = await context.save(ended(entry, Outcome.IN_DOUBT, doubt(entry)))
    return CreateError(Outcome.IN_DOUBT, entry.reason, retry=False)


async def create_one(target: Target, context: RunContext, leave: Leave) -> Result:
    """Run the task for one target, and read from its final state how the target ended."""
    if context.halt:
        return context.result(target, Outcome.NOT_TRIED, context.halt.reason)
    if (why := context.outside_window(target)) and not context.entry(target).doubtful:
        return await _left_out(target, why, context)
    context.attempts(target).acted = True
    context.listener.acting()
    creation = Creation(target, context, leave)
    label = context.observed.label(target)
    # Prefect's overloads take the call for a synchronous one when it returns a state.
    state = await cast("Awaitable[State[None]]", create(label, creation, return_state=True))
    result = await _read(state, creation)
    # What was accepted or refused has told the brakes at once, for those that are about to be sent.
    if result.outcome is Outcome.ADOPTED:
        context.brakes.accepted(target)
    elif result.attempts and result.outcome in (Outcome.EXHAUSTED, Outcome.IN_DOUBT):
        context.brakes.failed(target, None)
    return result


async def _left_out(target: Target, why: str, context: RunContext) -> Result:
    """What cannot start now and is in no doubt needs no task."""
    try:
        error = await _expired(target, why, context, doubtful_before=False)
    except LedgerError as failure:
        context.stop(Halt(Exit.UNEXPECTED, str(failure)))
        return context.result(target, Outcome.NOT_TRIED, str(failure))
    except LostLeaseError as failure:
        return context.result(target, Outcome.NOT_TRIED, str(failure))
    return context.result(target, error.outcome, error.reason)


async def _read(state: State[None], creation: Creation) -> Result:
    target, context, created = creation.target, creation.context, creation.created
    if created and state.is_completed():
        return context.result(target, created.outcome, backup_id=created.backup_id)
    outcome: object = await state.aresult(raise_on_failure=False)
    if isinstance(outcome, CreateError):
        return context.result(target, outcome.outcome, outcome.reason)
    if isinstance(outcome, ApiUnusableError):
        context.stop(Halt(Exit.API_UNUSABLE, outcome.reason))
        return context.result(target, Outcome.NOT_TRIED, outcome.reason)
    if isinstance(outcome, LedgerError):
        context.stop(Halt(Exit.UNEXPECTED, str(outcome)))
    doubtful = context.entry(target).doubtful
    known = isinstance(outcome, LedgerError | LostLeaseError)
    reason = str(outcome) if known else f"the task ended unexpectedly: {state.message or state.type.value}"
    return context.result(target, Outcome.IN_DOUBT if doubtful else Outcome.NOT_TRIED, reason)
