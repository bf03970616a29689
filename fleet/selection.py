"""`--limit`: which servers of an inventory a run is about."""

from collections.abc import Iterable
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Literal

from fleet.inventory import Inventory, InventoryServer

Kind = Literal["all", "instant", "plans"]
"""What a run is about, if not about all: the backups that are made now, or the automatic plans."""


class SelectionError(ValueError):
    """A pattern that selects nothing, or patterns that together leave nothing."""


def select(inventory: Inventory, patterns: Iterable[str]) -> Inventory:
    """Keep the servers that the patterns name.

    Args:
        inventory: all servers.
        patterns: each a server's name (`*` and `?` stand for any letters), its id, `tag:x` or `group:x`; with `!` in
            front it leaves servers out. Several may stand in one, separated by commas. Without any, all servers stay.

    Raises:
        SelectionError: a pattern names no server: a slip of the pen must not be a green run over nothing.
    """
    named = [part.strip() for pattern in patterns for part in pattern.split(",") if part.strip()]
    chosen, left_out = set[int](), set[int]()
    for pattern in named:
        matches = {place for place, server in enumerate(inventory.servers) if _matches(server, pattern.lstrip("!"))}
        if not matches:
            raise SelectionError(f"--limit {pattern}: no server has this name, id, tag or group")
        (left_out if pattern.startswith("!") else chosen).update(matches)
    if all(pattern.startswith("!") for pattern in named):
        chosen = set(range(len(inventory.servers)))
    kept = sorted(chosen - left_out)
    if not kept:
        raise SelectionError(f"--limit {' '.join(named)}: no server is left")
    return replace(inventory, servers=tuple(inventory.servers[place] for place in kept))


def _matches(server: InventoryServer, pattern: str) -> bool:
    kind, _, rest = pattern.partition(":")
    if kind == "tag" and rest:
        return any(fnmatchcase(tag, rest) for tag in server.tags)
    if kind == "group" and rest:
        return any(fnmatchcase(group, rest) for group in server.groups)
    return pattern == str(server.id) or (server.name is not None and fnmatchcase(server.name, pattern))


def of_kind(inventory: Inventory, only: Kind) -> Inventory:
    """Keep the instant backups or the automatic plans; there may be none.

    Args:
        inventory: all targets.
        only: which to keep.
    """
    if only == "all":
        return inventory
    plans = only == "plans"
    servers = (
        replace(server, targets=tuple(it for it in server.targets if it.request.automatic_backup == plans))
        for server in inventory.servers
    )
    return replace(inventory, servers=tuple(server for server in servers if server.targets))
