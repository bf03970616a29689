"""The checking phase of a run: what cannot be backed up is `unmet`, and no create is wasted on it."""

from collections.abc import Sequence

from fleet.inventory.target import Target
from fleet.observed.preconditions import DiskRules
from fleet.report.outcome import Exit, Halt, Outcome
from fleet.serveravatar.errors import ApiUnusableError
from tasks.check import check
from tasks.run_context import RunContext
from tasks.unvisited import unvisited


async def check_all(context: RunContext, targets: Sequence[Target], rules: DiskRules, ledger_url: str) -> list[Target]:
    """Check every target; without an API everything is `not_tried`.

    Returns:
        The targets that can be backed up.
    """
    context.listener.phase("check", len(targets))
    try:
        problems = await check(context, unvisited(targets), rules, ledger_url)
    except ApiUnusableError as error:
        context.stop(Halt(Exit.API_UNUSABLE, error.reason))
        context.leave_out(targets, error.reason)
        return []
    for target, problem in zip(targets, problems, strict=True):
        outcome = Outcome.UNMET if problem else Outcome.PLANNED
        context.listener.advance(context.settle(context.result(target, outcome, problem or "")))
    return [target for target, problem in zip(targets, problems, strict=True) if not problem]
