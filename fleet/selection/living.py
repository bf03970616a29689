"""A living fleet: the rules of a fleet file are resolved at each run, so a site created today is covered tonight."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import compress

from fleet.fleet_file.stagger import with_starts
from fleet.inventory.inventory import Inventory, InventoryServer, Selector
from fleet.inventory.narrowing import Narrowing
from fleet.inventory.target import Target
from fleet.observed.access import check_access
from fleet.observed.observed import Listed
from fleet.observed.whole_lists import Holdings, forbidden_of, list_holdings, list_servers
from fleet.report.selection import Scope, Selection
from fleet.selection.coverage import closed, refuse_empty, unmatched, unread
from fleet.selection.rules import Found, Host, hosts_of, targets_of
from fleet.selection.selection import SelectionError, narrowed, positions
from fleet.serveravatar.listing import Send


@dataclass(frozen=True, slots=True)
class Resolved:
    """A fleet whose every target is known.

    Attributes:
        inventory: what the run covers, without rules.
        listed: by organization, what was read; the observation does not read it again.
        selection: how the targets were selected, for the report.
    """

    inventory: Inventory
    listed: Mapping[int, Listed] = field(default_factory=dict)
    selection: Selection = field(default_factory=Selection)


async def resolve_rules(send: Send, inventory: Inventory, now: datetime, *, allow_empty: bool = False) -> Resolved:
    """Resolve the rules of a fleet file against what the API shows now, and keep what the run covers.

    Args:
        send: sends a request and returns the JSON of its response.
        inventory: of the fleet file; without rules, nothing is read.
        now: the time; plans must start after it.
        allow_empty: whether a rule may match nothing.

    Raises:
        SelectionError: a rule matches nothing, a pattern of `--limit` names no server, or nothing is left.
        ApiUnusableError: what the rules apply to could not be read, which never counts as an empty fleet. If one of
            several organizations forbids access, that is reported and does not stop the others.
    """
    narrowing = inventory.narrowing
    if not inventory.rules:
        return Resolved(inventory, selection=Selection(scope=_scope(narrowing)))
    rules = [rule for rule in inventory.rules if _is_of_kind(rule, narrowing)]
    # A pattern may name a server of any rule, so all of them are needed to refuse a misspelt one.
    asked = inventory.rules if narrowing.limit else rules
    listed = await list_servers(send, _sought(asked, inventory))
    check_access(forbidden_of(listed), listed.keys() | {target.organization for target in inventory.targets})
    every = hosts_of(asked, listed, _names(inventory))
    try:
        named, hosts = _kept(inventory, every)
    except SelectionError as error:  # The pattern may name a server that could not be read.
        raise SelectionError("; ".join([str(error), *(each.words for each in closed(asked, listed))])) from None
    listed = await list_holdings(send, listed, _wanted(hosts))
    targets, found = targets_of(hosts, listed, inventory.targets)
    if not allow_empty:
        refuse_empty(rules, listed, every, hosts, found)
    servers = [_inventory_server(host, of_host) for host, of_host in zip(hosts, targets, strict=True) if of_host]
    whole = with_starts(replace(inventory, servers=(*named, *servers), rules=()), now)
    selection = Selection(
        rules=[found.get(rule.place, Found(rule.place)).words for rule in rules],
        unmatched=[line for rule in rules for line in unmatched(rule, listed, every, hosts, found)],
        unread=unread(hosts, listed),
        unread_organizations=closed(rules, listed),
    )
    is_part = bool(selection.unread_words)
    selection.scope = "part" if is_part else _scope(narrowing)
    kept = _left(whole, narrowing, may_be_empty=is_part or allow_empty or not rules)
    return Resolved(replace(kept, narrowing=narrowing), listed, selection)


def _is_of_kind(rule: Selector, narrowing: Narrowing) -> bool:
    return narrowing.only == "all" or rule.request.automatic_backup == (narrowing.only == "plans")


def _scope(narrowing: Narrowing) -> Scope:
    return "part" if narrowing.is_part else narrowing.only


def _sought(rules: Iterable[Selector], inventory: Inventory) -> dict[int, set[int] | None]:
    """The servers to list, by organization: all, or if rules give ids, those and the ones named in the fleet file."""
    named: dict[int, set[int]] = defaultdict(set)
    for target in inventory.targets:
        named[target.organization].add(target.server_id)
    sought: dict[int, set[int] | None] = {}
    for rule in rules:
        known = sought.get(rule.organization, named[rule.organization])
        ids = rule.servers.id if rule.servers else None
        sought[rule.organization] = None if ids is None or known is None else known | set(ids)
    return sought


def _wanted(hosts: Iterable[Host]) -> dict[int, Holdings]:
    """What to list on the servers that rules apply to, by organization."""
    by_organization: dict[int, list[Host]] = defaultdict(list)
    for host in hosts:
        by_organization[host.rule.organization].append(host)
    wanted = {}
    for number, those in by_organization.items():
        with_databases = frozenset(host.server.id for host in those if host.rule.databases)
        needed = {field for host in those if host.rule.applications for field in host.rule.applications.named}
        needed |= {"name"} if with_databases else set()
        wanted[number] = Holdings(frozenset(host.server.id for host in those), with_databases, frozenset(needed))
    return wanted


def _names(inventory: Inventory) -> dict[tuple[int, int], str]:
    return {
        (target.organization, target.server_id): target.server_name
        for target in inventory.targets
        if target.server_name
    }


def _kept(inventory: Inventory, hosts: Sequence[Host]) -> tuple[list[InventoryServer], list[Host]]:
    """Apply `--limit` and `--failed-from` to servers, before anything is read from those left out.

    Raises:
        SelectionError: a pattern names no server, or none is left.
    """
    narrowing, named = inventory.narrowing, inventory.servers
    servers = [*named, *(_inventory_server(host) for host in hosts)]
    places = positions(servers, narrowing.limit)
    kept = [hosts[place - len(named)] for place in places if place >= len(named)]
    if narrowing.unfinished:
        left = narrowing.unfinished.may_hold((host.rule.organization, host.server.id) for host in kept)
        kept = list(compress(kept, left))
    return [servers[place] for place in places if place < len(named)], [
        host for host in kept if _is_of_kind(host.rule, narrowing)
    ]


def _left(inventory: Inventory, narrowing: Narrowing, *, may_be_empty: bool) -> Inventory:
    """Apply to targets what `_kept` applied to servers.

    Raises:
        SelectionError: nothing is left.
    """
    try:
        kept = narrowed(inventory, replace(narrowing, limit=()))
    except SelectionError:
        if not may_be_empty:
            raise
        kept = replace(inventory, servers=())
    if narrowing.limit and not kept.servers and not may_be_empty:
        raise SelectionError(f"--limit {' '.join(narrowing.limit)}: there is nothing to back up on these servers")
    return kept


def _inventory_server(host: Host, targets: tuple[Target, ...] = ()) -> InventoryServer:
    name = host.name or host.server.name
    return InventoryServer(host.server.id, name, host.server.tags, host.rule.groups, targets)
