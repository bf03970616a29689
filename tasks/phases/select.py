"""The selecting phase: what the run is about, with the rules of the fleet file resolved."""

from datetime import datetime
from typing import cast

from fleet.inventory.inventory import Inventory
from fleet.report.outcome import Exit, Halt
from fleet.report.progress import listener
from fleet.report.selection import Selection
from fleet.selection.living import Resolved, resolve_rules
from fleet.serveravatar.errors import ApiUnusableError
from fleet.serveravatar.listing import Send
from tasks.run.mistakes import result_of
from tasks.run.results import Results
from tasks.run.unvisited import unvisited
from tasks.select import select


async def select_targets(
    inventory: Inventory, send: Send, results: Results, now: datetime, *, allow_empty: bool
) -> Resolved:
    """Find out the targets of the run; if the API cannot be used, none is known and the run stops.

    Raises:
        SelectionError: a rule matches nothing, a pattern names no server, or nothing is left; nothing was sent.
    """
    if not inventory.rules:
        return _selected(await resolve_rules(send, inventory, now), results)
    results.selection = Selection(scope="unknown")
    listener.get().phase("select", len(inventory.rules))
    selecting = select(len(inventory.rules), unvisited(inventory), send, now, allow_empty, return_state=True)
    try:
        resolved = cast("Resolved", await result_of(selecting))
    except ApiUnusableError as error:
        results.stop(Halt(Exit.API_UNUSABLE, error.reason))
        return Resolved(inventory, selection=results.selection)
    for _ in inventory.rules:
        listener.get().advance()
    for line in resolved.selection.lines:
        listener.get().notice(line)
    return _selected(resolved, results)


def _selected(resolved: Resolved, results: Results) -> Resolved:
    results.targets = resolved.inventory.targets
    results.selection = resolved.selection
    return resolved
