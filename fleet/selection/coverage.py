"""What the rules of `select` did not cover: rules and entries that match nothing, and what could not be read. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from fleet.inventory.inventory import Selector
from fleet.inventory.matching.criteria import alternatives_without
from fleet.observed.observed import Listed
from fleet.observed.whole_lists import forbidden_of
from fleet.report.selection import UnreadOrganization, UnreadServer
from fleet.selection.rules import Found, Host, counted
from fleet.selection.selection import SelectionError


def refuse_empty(
    rules: Iterable[Selector],
    listed: Mapping[int, Listed],
    every: Iterable[Host],
    hosts: Iterable[Host],
    found: Mapping[str, Found],
) -> None:
    """Refuse rules that match nothing, if everything they apply to was read.

    Raises:
        SelectionError: with a line for each.
    """
    are_there, are_kept = (Counter(host.rule.place for host in some) for some in (every, hosts))
    lost = {host.rule.place for host in hosts if host.server.id in listed[host.rule.organization].unread}
    problems = []
    for rule in rules:
        refusal = listed[rule.organization].refusal
        if listed[rule.organization].is_forbidden:
            continue
        if refusal:
            problems.append(f"{rule.place}: organization {rule.organization}: {refusal}")
        elif not are_there[rule.place]:
            problems.append(f"{rule.place}: matches no server of organization {rule.organization}")
        elif (
            are_kept[rule.place] == are_there[rule.place]
            and rule.place not in lost
            and not found[rule.place].applications
        ):
            problems.append(f"{rule.place}: matches no application on {counted(are_there[rule.place], 'server')}")
    if problems:
        raise SelectionError("\n".join(f"{problem} (allow this with --allow-empty)" for problem in problems))


def closed(rules: Iterable[Selector], listed: Mapping[int, Listed]) -> list[UnreadOrganization]:
    """The organizations of rules that forbid access."""
    forbidden = forbidden_of(listed)
    concerned = dict.fromkeys(rule.organization for rule in rules if rule.organization in forbidden)
    return [UnreadOrganization(organization=number, reason=forbidden[number]) for number in concerned]


def unmatched(
    rule: Selector,
    listed: Mapping[int, Listed],
    every: Iterable[Host],
    hosts: Iterable[Host],
    found: Mapping[str, Found],
) -> Iterator[str]:
    """The entries of a rule's lists that match nothing, if everything the rule applies to was read."""
    servers = [host.server for host in every if host.rule is rule]
    kept = sum(host.rule is rule for host in hosts)
    if rule.servers and servers:
        for entry in alternatives_without(rule.servers, servers):
            yield f"{rule.place}: no server matches {entry}"
    is_whole = kept == len(servers) and not any(each.id in listed[rule.organization].unread for each in servers)
    if rule.applications and is_whole and rule.place in found and found[rule.place].matched:
        for entry in alternatives_without(rule.applications, found[rule.place].matched):
            yield f"{rule.place}: no application matches {entry}"


def unread(hosts: Iterable[Host], listed: Mapping[int, Listed]) -> list[UnreadServer]:
    """The servers that rules apply to and that could not be read."""
    found: dict[tuple[int, int], UnreadServer] = {}
    for host in hosts:
        number, server = host.rule.organization, host.server
        if (reason := listed[number].unread.get(server.id)) is not None:
            name = host.name or server.name or f"server {server.id}"
            found[number, server.id] = UnreadServer(
                organization=number, server_id=server.id, server=name, reason=reason
            )
    return list(found.values())
