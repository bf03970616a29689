"""One target's create from the run's side: whether a task is run for it at all, and how it ended."""

from collections.abc import Awaitable
from typing import cast

from prefect.client.schemas.objects import State

from fleet.creation.create_error import CreateError
from fleet.inventory.target import Target
from fleet.ledger.database.engine import LedgerError
from fleet.ledger.group_commit import LostLeaseError
from fleet.report.outcome import Exit, Halt, Outcome, Result
from fleet.serveravatar.errors import ApiUnusableError
from tasks.create import Creation, create, expire
from tasks.in_flight import Leave
from tasks.run_context import RunContext


async def create_one(target: Target, context: RunContext, leave: Leave) -> Result:
    """Run the task for one target, and read from its final state how the target ended."""
    if context.halt:
        return context.result(target, Outcome.NOT_TRIED, context.halt.reason)
    if (why := context.outside_window(target)) and not context.entry(target).doubtful:
        return await _left_out(target, why, context)
    context.attempts(target).acted = True
    context.listener.acting()
    creation = Creation(target, context, leave)
    # Prefect's overloads take the call for a synchronous one when it returns a state.
    state = await cast("Awaitable[State[object]]", create(creation, return_state=True))
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
        error = await expire(target, why, context, doubtful_before=False)
    except LedgerError as failure:
        context.stop(Halt(Exit.UNEXPECTED, str(failure)))
        return context.result(target, Outcome.NOT_TRIED, str(failure))
    except LostLeaseError as failure:
        return context.result(target, Outcome.NOT_TRIED, str(failure))
    return context.result(target, error.outcome, error.reason)


async def _read(state: State[object], creation: Creation) -> Result:
    target, context, created = creation.target, creation.context, creation.created
    if created and state.is_completed():
        return context.result(target, created.outcome, created.reason, created.backup_id, created.evidence)
    outcome: object = await state.aresult(raise_on_failure=False)
    if isinstance(outcome, CreateError):
        return context.result(target, outcome.outcome, outcome.reason)
    if isinstance(outcome, ApiUnusableError):
        context.stop(Halt(Exit.API_UNUSABLE, outcome.reason))
    if isinstance(outcome, LedgerError):
        context.stop(Halt(Exit.UNEXPECTED, str(outcome)))
    doubtful = context.entry(target).doubtful
    known = isinstance(outcome, ApiUnusableError | LedgerError | LostLeaseError)
    reason = str(outcome) if known else f"the task ended unexpectedly: {state.message or state.type.value}"
    return context.result(target, Outcome.IN_DOUBT if doubtful else Outcome.NOT_TRIED, reason)
