"""The selecting phase of a run: what it is about, rules resolved; without rules, as the fleet file says."""

from typing import cast

from fleet.inventory.inventory import Inventory
from fleet.report.outcome import Exit, Halt
from fleet.report.report import Selection
from fleet.selection.living import Resolved, resolve_rules
from fleet.serveravatar.errors import ApiUnusableError
from tasks.mistakes import result_of
from tasks.resolve_rules import resolve
from tasks.run_context import RunContext
from tasks.unvisited import unvisited


async def select_targets(context: RunContext, inventory: Inventory, *, allow_empty: bool) -> None:
    """Find out the targets of the run; without an API none is known, and the run is halted.

    Raises:
        SelectionError: a rule matches nothing, a pattern names no server, or nothing is left; nothing was sent.
    """
    if not inventory.rules:
        _take(await resolve_rules(context.client.send, inventory, context.clock()), context)
        return
    context.selection = Selection(scope="unknown")
    context.listener.phase("select", len(inventory.rules))
    task_run = resolve(len(inventory.rules), context, unvisited(inventory), allow_empty, return_state=True)
    try:
        resolved = cast("Resolved", await result_of(task_run))
    except ApiUnusableError as error:
        context.stop(Halt(Exit.API_UNUSABLE, error.reason))
        return
    _take(resolved, context)
    for _ in inventory.rules:
        context.listener.advance()
    for line in resolved.selection.lines:
        context.listener.notice(line)


def _take(resolved: Resolved, context: RunContext) -> None:
    context.targets = resolved.inventory.targets
    context.listed = resolved.listed
    context.selection = resolved.selection
