"""The creating phase of a run: what is ours is created, what another run does is awaited, what exists is adopted."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Sequence
from functools import partial
from typing import Final

from prefect import get_run_logger
from prefect.results import get_result_store

from fleet.creation.brakes import Brakes
from fleet.creation.plans import described, drift
from fleet.inventory.caps import Caps
from fleet.inventory.target import Target
from fleet.ledger.database.engine import LedgerError
from fleet.ledger.group_commit import LostLeaseError
from fleet.report.outcome import Exit, Halt, Outcome, Result
from fleet.serveravatar.errors import ApiError, ApiUnusableError
from tasks.admission import Admission
from tasks.claim import claim, take
from tasks.confirm_plan import confirm_plan
from tasks.create_one import create_one
from tasks.in_flight import Leave, Work, do_all
from tasks.quiet import only_problems_of_tasks
from tasks.run_context import RunContext
from tasks.unvisited import unvisited
from tasks.update_plan import update_plan

POLL_SECONDS: Final = 1.0
"""How often the ledger is asked for what another run does."""
BEGUN_AT_ONCE: Final = 128
"""Creates that are begun and have not had their first answer: more than any `--concurrency`, so that none is idle."""
BEGUN_AT_FIRST: Final = 10
"""So many at first, then one more with each answer: the brakes see refusals before most of a fleet is sent."""


async def create_all(
    context: RunContext,
    targets: Sequence[Target],
    max_failures: float | None,
    caps: Caps,
    overdue_after: float,
    update_plans: bool,
) -> None:
    """Create what is missing, in the order of the fleet file: the client paces the requests.

    Args:
        context: of the run.
        targets: that can be backed up.
        max_failures: percent of failed creates at which the run stops.
        caps: how many backups may run at once.
        overdue_after: seconds after which a backup holds its place no longer.
        update_plans: whether plans that differ are changed.
    """
    context.listener.phase("create", len(targets))
    if not targets:
        return
    context.nothing = get_result_store().create_result_record(None)
    await _mark_lists(context, targets)
    try:
        ours = await claim(len(targets), unvisited(targets), context)
    except LedgerError as error:
        context.stop(Halt(Exit.UNEXPECTED, str(error)))
        context.leave_out(targets, str(error))
        return
    settled = {target.place for target in targets if context.entry(target).is_settled}
    # What exists first: whether accepted plans have shown their first backups is evidence about those in doubt.
    by_need = sorted(zip(targets, ours, strict=True), key=lambda pair: pair[0].place not in settled)
    mine = [target for target, is_mine in by_need if is_mine]
    context.brakes = Brakes(sum(target.place not in settled for target in mine), max_failures)
    others = [target for target, is_mine in zip(targets, ours, strict=True) if not is_mine]
    async with Admission(context, caps, overdue_after) as admission:
        with only_problems_of_tasks():
            await _all_of(_work(mine, others, context, admission, update_plans=update_plans), context)


async def _work(
    mine: Sequence[Target], others: Sequence[Target], context: RunContext, admission: Admission, *, update_plans: bool
) -> AsyncIterator[Work]:
    yield partial(_await_others, others, context, admission)
    async for target in admission.admitted(mine):
        yield partial(_one, target, context, admission, update_plans=update_plans)


async def _all_of(work: Iterable[Work] | AsyncIterable[Work], context: RunContext) -> None:
    """Do everything to its end; a ledger that fails stops the run, and no target in the middle."""
    for error in await do_all(work, BEGUN_AT_ONCE, BEGUN_AT_FIRST):
        if not isinstance(error, LedgerError):
            raise error
        context.stop(Halt(Exit.UNEXPECTED, str(error)))


async def _mark_lists(context: RunContext, targets: Sequence[Target]) -> None:
    """Note where the lists of backups end now; without that they are only read further back than needed."""
    with_plans = {target.organization for target in targets if target.request.automatic_backup}
    for organization in {target.organization for target in targets}:
        try:
            await context.backups_of(organization).mark(exactly=organization in with_plans)
        except (ApiError, ApiUnusableError) as error:
            get_run_logger().warning("the list of backups could not be read before the run: %s", error)


async def _one(
    target: Target, context: RunContext, admission: Admission, leave: Leave, *, update_plans: bool = False
) -> None:
    try:
        if context.entry(target).is_settled and await _is_there(target, context, leave):
            result = await _as_it_is(target, context, update_plans=update_plans)
        else:
            result = await create_one(target, context, leave)
        context.listener.advance(context.settle(result))
    finally:
        admission.settled(target)


async def _is_there(target: Target, context: RunContext, leave: Leave) -> bool:
    """Whether what the ledger has as ended is there; of some plans the list says more than when they were sent."""
    if not context.entry(target).automatic or context.halt:
        return True
    try:
        return (await confirm_plan(target, context)).is_settled
    except ApiUnusableError as error:
        context.stop(Halt(Exit.API_UNUSABLE, error.reason))
    except LedgerError as error:
        context.stop(Halt(Exit.UNEXPECTED, str(error)))
    except LostLeaseError:
        leave()  # Another run acts on it.
    return True


async def _taken_over(target: Target, context: RunContext, admission: Admission, leave: Leave) -> None:
    """One that another run has left behind waits for its turn like every other."""
    leave()
    await admission.turn(target)
    await _one(target, context, admission, leave)


async def _as_it_is(target: Target, context: RunContext, *, update_plans: bool = False) -> Result:
    """How a target stands that an earlier run has ended, or another run that goes on beside this one."""
    entry = context.entry(target)
    outcome, reason = entry.outcome or Outcome.ADOPTED, entry.reason
    if outcome is Outcome.CREATED:
        outcome = Outcome.ADOPTED
    differences = drift(entry.request, target.request.body()) if entry.automatic and entry.is_settled else {}
    if differences and update_plans and not context.halt:
        outcome, reason = await _updated(target, context)
    elif differences:
        reason = f"drift: {described(differences)}; --update-plans changes it"
    return context.result(target, outcome, reason, entry.backup_id, entry.evidence)


async def _updated(target: Target, context: RunContext) -> tuple[Outcome, str]:
    """Update a plan; what stops the whole run is told to it, and stops no other target in the middle."""
    try:
        return await update_plan(context.observed.label(target), target, context)
    except ApiUnusableError as error:
        context.stop(Halt(Exit.API_UNUSABLE, error.reason))
        return Outcome.NOT_TRIED, error.reason
    except LedgerError as error:
        context.stop(Halt(Exit.UNEXPECTED, str(error)))
        return Outcome.ADOPTED, f"perhaps updated: {error}"
    except LostLeaseError as error:
        return Outcome.ADOPTED, f"perhaps updated: {error}"


async def _await_others(targets: Sequence[Target], context: RunContext, admission: Admission, leave: Leave) -> None:
    """Wait for what another run of the same key is doing; take over what it leaves behind when it dies."""
    leave()
    waiting = list(targets)
    while waiting and not context.halt:
        done = [target for target in waiting if context.entry(target).outcome is not None]
        for target in done:
            context.listener.advance(context.settle(await _as_it_is(target, context)))
        waiting = [target for target in waiting if target not in done]
        if waiting:
            context.listener.waiting(f"another run with this key, which does {len(waiting)} of these", POLL_SECONDS)
            await asyncio.sleep(POLL_SECONDS)
            try:
                ours = await take(waiting, context)
            except LedgerError as error:
                context.stop(Halt(Exit.UNEXPECTED, str(error)))
                break
            taken_over = [target for target, is_mine in zip(waiting, ours, strict=True) if is_mine]
            context.brakes.total += sum(not context.entry(target).is_settled for target in taken_over)
            await _all_of([partial(_taken_over, target, context, admission) for target in taken_over], context)
            waiting = [target for target, is_mine in zip(waiting, ours, strict=True) if not is_mine]
    context.leave_out(waiting, context.halt.reason if context.halt else "")
