"""Resolves the rules of a fleet file and shows what they found; shared by `check` and `plan`."""

from datetime import UTC, datetime

from cli.terminal.terminal import Terminal
from fleet.inventory.inventory import Inventory
from fleet.selection.living import Resolved, resolve_rules
from fleet.serveravatar.listing import Send


async def resolved_fleet(send: Send, inventory: Inventory, terminal: Terminal, *, allow_empty: bool) -> Resolved:
    """Resolve the rules of a fleet, show what they found, and begin the checking phase.

    Raises:
        SelectionError: a rule matches nothing, and that is not allowed.
        ApiUnusableError: the API cannot be used: token, network, limit.
    """
    if inventory.rules:
        terminal.phase("select", len(inventory.rules))
    resolved = await resolve_rules(send, inventory, datetime.now(UTC), allow_empty=allow_empty)
    for _ in inventory.rules:
        terminal.advance()
    for line in resolved.selection.lines:
        terminal.notice(line)
    terminal.phase("check", len(resolved.inventory.targets))
    return resolved
