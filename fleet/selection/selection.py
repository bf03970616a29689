"""Which part of an inventory a run covers: `--limit`, what an earlier run left, instant backups or plans."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from fleet.inventory.inventory import Inventory, InventoryServer
from fleet.inventory.matching.patterns import matches
from fleet.inventory.narrowing import Kind, Narrowing, Unfinished
from fleet.inventory.target import Target


class SelectionError(ValueError):
    """A pattern that matches nothing, or a selection that leaves nothing."""


class NothingLeftError(SelectionError):
    """Nothing of an earlier run is left to do."""


def narrowed(inventory: Inventory, narrowing: Narrowing) -> Inventory:
    """Keep what a run covers; if rules are not resolved yet, note the narrowing for then.

    Raises:
        SelectionError: a pattern matches no server, or nothing is left.
    """
    if inventory.rules:
        return replace(inventory, narrowing=narrowing)
    kept = select(inventory, narrowing.limit)
    if narrowing.unfinished:
        kept = left_of(kept, narrowing.unfinished)
    return of_kind(replace(kept, narrowing=narrowing), narrowing.only)


def select(inventory: Inventory, patterns: Iterable[str]) -> Inventory:
    """Keep the servers that the patterns match.

    Raises:
        SelectionError: a pattern matches no server, or none is left.
    """
    kept = positions(inventory.servers, patterns)
    return replace(inventory, servers=tuple(inventory.servers[place] for place in kept))


def positions(servers: Sequence[InventoryServer], patterns: Iterable[str]) -> list[int]:
    """Find the servers that the patterns match.

    Args:
        servers: all servers.
        patterns: each a server's name (`fleet.inventory.matching.patterns`), its id, `tag:x` or `group:x`; a
            leading `!` excludes. One text may hold several, separated by commas. Without any, all servers are kept.

    Raises:
        SelectionError: a pattern matches no server: a typo must not result in a green run over nothing.
    """
    named = [part.strip() for pattern in patterns for part in pattern.split(",") if part.strip()]
    chosen, left_out = set[int](), set[int]()
    for pattern in named:
        matches = {place for place, server in enumerate(servers) if _matches(server, pattern.lstrip("!"))}
        if not matches:
            raise SelectionError(f"--limit {pattern}: no server has this name, id, tag or group")
        (left_out if pattern.startswith("!") else chosen).update(matches)
    if all(pattern.startswith("!") for pattern in named):
        chosen = set(range(len(servers)))
    kept = sorted(chosen - left_out)
    if named and not kept:
        raise SelectionError(f"--limit {' '.join(named)}: no server is left")
    return kept


def _matches(server: InventoryServer, pattern: str) -> bool:
    kind, _, rest = pattern.partition(":")
    if kind == "tag" and rest:
        return any(matches(rest, tag) for tag in server.tags)
    if kind == "group" and rest:
        return any(matches(rest, group) for group in server.groups)
    return pattern == str(server.id) or (server.name is not None and matches(pattern, server.name))


def left_of(inventory: Inventory, unfinished: Unfinished) -> Inventory:
    """Keep what an earlier run left unfinished.

    Raises:
        NothingLeftError: nothing of it is left.
    """
    kept = _only(inventory, unfinished.holds)
    if not kept.servers:
        raise NothingLeftError(
            f"--failed-from {unfinished.source}: nothing of run {unfinished.run_key} is left to do in this fleet file"
        )
    return kept


def of_kind(inventory: Inventory, only: Kind) -> Inventory:
    """Keep the instant backups or the automatic plans, if any.

    Args:
        inventory: all targets.
        only: which to keep.
    """
    inventory = replace(inventory, narrowing=replace(inventory.narrowing, only=only))
    if only == "all" or inventory.rules:
        return inventory
    return _only(inventory, lambda target: target.request.automatic_backup == (only == "plans"))


def _only(inventory: Inventory, keeps: Callable[[Target], bool]) -> Inventory:
    servers = (
        replace(server, targets=tuple(target for target in server.targets if keeps(target)))
        for server in inventory.servers
    )
    return replace(inventory, servers=tuple(server for server in servers if server.targets))
