"""Task: create one backup. Retried by Prefect, where people see it; never resent blindly."""

import asyncio
from dataclasses import dataclass
from inspect import signature
from typing import Any, Final

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.runtime import task_run as this_task_run
from prefect.tasks import Task, exponential_backoff

from fleet.creation.create_error import CreateError
from fleet.creation.fault_points import FaultPoint, reach
from fleet.creation.plans import doubt
from fleet.inventory.target import Target
from fleet.ledger.entry import Entry, Step, answered, ended, expired, found, next_step, not_found, settled_at
from fleet.proof.absence import Looked, Rules, absence_of
from fleet.proof.proof import Evidence
from fleet.report.outcome import Outcome
from fleet.serveravatar.catalogue import REFUSALS
from fleet.serveravatar.errors import ApiError
from tasks.in_flight import Leave
from tasks.run_context import RunContext
from tasks.send_create import WindowClosedError, send_create

RETRIES: Final = 6


@dataclass(frozen=True, slots=True)
class Created:
    """A create that succeeded: accepted now, or found to be there already."""

    outcome: Outcome
    backup_id: int | None = None
    evidence: Evidence | None = None
    reason: str = ""


class Creation:
    """One target's create as its task is given it: what it is about, and how it went.

    Not a dataclass: Prefect looks into those for futures, at every task. And nothing of it is returned, since Prefect
    keeps a state for every value that a task returns as long as the flow runs.
    """

    def __init__(self, target: Target, context: RunContext, leave: Leave) -> None:
        """Prepare.

        Args:
            target: what is asked for.
            context: of the run.
            leave: gives the place in flight back, before a wait for anything but the API.
        """
        self.label = context.observed.label(target)
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
    task_run_name="{creation.label}",
    retries=RETRIES,
    retry_delay_seconds=exponential_backoff(1),
    retry_jitter_factor=0.5,
    retry_condition_fn=worth_retrying,
    cache_policy=NO_CACHE,
    persist_result=False,
)
async def create(creation: Creation) -> object:
    """Take the steps of the protocol for one target, until it has ended or must be retried.

    Returns:
        Nothing, in the record that all creates of the run share: Prefect would make one for each, and resolve a path.

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
    return creation.context.nothing


# Prefect asks for it several times a task run, and Python would put it together each time.
vars(create.fn)["__signature__"] = signature(create.fn)


async def _created(creation: Creation) -> Created:
    """Take the steps of `fleet.ledger.entry`."""
    target, context = creation.target, creation.context
    entry, sent, looked, now = context.entry(target), False, None, context.ledger.now()
    while True:
        rules = context.rules_for(target)
        # A look proves nothing of what has shown since it began.
        now = now if looked else context.ledger.now()
        match next_step(entry, now, rules, looked):
            case Step.DONE:
                return Created(entry.outcome or Outcome.ADOPTED, entry.backup_id, entry.evidence, entry.reason)
            case Step.WAIT:
                creation.leave()
                await asyncio.sleep(max(0.0, settled_at(entry, rules, looked) - context.ledger.now()))
                looked = None
            case Step.LOOK:
                entry, looked = await _look(entry, target, context)
            case Step.ASK:
                raise await _in_doubt(entry, looked or Looked(), rules, context)
            case Step.SEND if sent:
                raise await _failed(entry, context)
            case Step.SEND if why := context.outside_window(target):
                raise await expire(target, why, context, doubtful_before=entry.doubtful)
            case Step.SEND:
                entry, sent, looked = await _send(target, context), True, None
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
        meaning, reason = await send_create(target, context)
    except WindowClosedError as closed:
        raise await expire(target, str(closed), context, doubtful_before=doubtful_before) from None
    reach(FaultPoint.AFTER_ANSWER)
    now = context.ledger.now()
    entry = answered(context.entry(target), meaning, reason, now, doubtful_before=doubtful_before)
    if entry.outcome is Outcome.CREATED:
        context.brakes.accepted(target)
    if entry.outcome is Outcome.REJECTED:
        context.brakes.failed(target, entry.reason)
    await context.save(entry)
    context.backups_of(target.organization).own.note_sent(context.sought(target))
    reach(FaultPoint.AFTER_OUTCOME)
    if entry.outcome is Outcome.REJECTED:
        raise CreateError(Outcome.REJECTED, entry.reason, retry=False)
    return entry


async def _look(entry: Entry, target: Target, context: RunContext) -> tuple[Entry, Looked]:
    reach(FaultPoint.BEFORE_LOOK)
    try:
        looked = await context.backups_of(target.organization).look(context.sought(target))
    except ApiError as error:
        reason = f"it may have been created, and the list of backups could not be read: {error}"
        raise CreateError(Outcome.IN_DOUBT, reason, retry=error.meaning not in REFUSALS) from None
    reach(FaultPoint.AFTER_LOOK)
    return await context.save(found(entry, looked) if looked.rows else not_found(entry)), looked


async def _failed(entry: Entry, context: RunContext) -> CreateError:
    """An attempt has failed: Prefect makes another, and the last one ends the entry."""
    if context.halt:
        outcome = Outcome.IN_DOUBT if entry.doubtful else Outcome.NOT_TRIED
        return CreateError(outcome, context.halt.reason, retry=False)
    if not _is_last_attempt():
        return CreateError(Outcome.EXHAUSTED, entry.reason, retry=True)
    await context.save(ended(entry, Outcome.EXHAUSTED, entry.reason))
    return CreateError(Outcome.EXHAUSTED, entry.reason, retry=False)


async def expire(target: Target, why: str, context: RunContext, *, doubtful_before: bool) -> CreateError:
    """Record that the window closed first: another run of the key goes on, and looks before if something is in doubt.

    Args:
        target: whose.
        why: what is said to people.
        context: of the run.
        doubtful_before: whether an earlier create of it is in doubt.

    Returns:
        What ends the target's task.

    Raises:
        LedgerError: the ledger cannot be written.
        LostLeaseError: another run has taken the target over.
    """
    reason = f"it may have been created, and is not sent again {why}" if doubtful_before else why
    entry = await context.save(expired(context.entry(target), reason, doubtful_before=doubtful_before))
    return CreateError(entry.outcome or Outcome.EXPIRED, entry.reason, retry=False)


async def _in_doubt(entry: Entry, looked: Looked, rules: Rules, context: RunContext) -> CreateError:
    """It may exist, and its absence is not proven: say until when, and what a person can do."""
    absence = absence_of(entry.attempt, looked, rules, context.ledger.now())
    entry = await context.save(ended(entry, Outcome.IN_DOUBT, doubt(entry, absence)))
    return CreateError(Outcome.IN_DOUBT, entry.reason, retry=False)
