"""Reading what rules are resolved against: whole lists, and none of an organization or server that no rule is about.

Here a list that cannot be read is never an empty one: a server without it is told, and without the list of servers
there is no run.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import TypeVar

from fleet.bulk_list import application_lists, database_lists, read_owned
from fleet.inventory import Selector
from fleet.observed import Listed
from fleet.rules import Host
from fleet.server_list import read_all_servers, read_servers
from fleet.serveravatar.catalogue import Meaning
from fleet.serveravatar.errors import ApiError, ApiUnusableError
from fleet.serveravatar.listing import Send

Part = TypeVar("Part")


async def list_servers(
    send: Send, rules: Iterable[Selector], named: Mapping[int, AbstractSet[int]]
) -> dict[int, Listed]:
    """List the servers of every organization that a rule is about.

    Args:
        send: sends a request and returns the JSON of its answer.
        rules: whose servers are wanted.
        named: ids of the servers that the fleet file names, by organization: read along where only some are read.

    Returns:
        What was listed, by organization; one that the API does not know has its words.

    Raises:
        ApiUnusableError: the API refused the token, or a list could not be read whole.
    """
    sought: dict[int, set[int] | None] = {}
    for rule in rules:
        known = sought.get(rule.organization, set())
        ids = rule.servers.id if rule.servers else None
        sought[rule.organization] = None if ids is None or known is None else known | set(ids)
    wanted = [(number, ids and ids | named.get(number, frozenset())) for number, ids in sought.items()]
    # The first alone: a wrong token then costs one request, whatever the fleet.
    first = [await _servers(send, *each) for each in wanted[:1]]
    others = await asyncio.gather(*(_servers(send, *each) for each in wanted[1:]))
    return dict(zip(sought, [*first, *others], strict=True))


async def _servers(send: Send, organization: int, ids: AbstractSet[int] | None) -> Listed:
    try:
        if ids is None:
            return Listed(servers=await read_all_servers(send, organization), sought=None)
        return Listed(servers=await read_servers(send, organization, ids), sought=ids)
    except ApiError as error:
        if error.meaning is Meaning.REFUSED:
            return Listed(refusal=error.message, sought=None)
        raise ApiUnusableError(f"the servers of organization {organization} could not be listed: {error}") from None


async def list_owned(send: Send, listed: Mapping[int, Listed], hosts: Iterable[Host]) -> dict[int, Listed]:
    """List all applications of these servers, and all databases where a rule looks for them.

    Args:
        send: sends a request and returns the JSON of its answer.
        listed: the servers of each organization.
        hosts: the servers that rules are about.

    Returns:
        What was listed; a server whose lists could not be read is among the unread.

    Raises:
        ApiUnusableError: no request will fare better, or nothing could be read of any server.
    """
    by_organization: dict[int, list[Host]] = defaultdict(list)
    for host in hosts:
        by_organization[host.rule.organization].append(host)
    numbers = list(by_organization)
    read = await asyncio.gather(*(_owned(send, number, listed[number], by_organization[number]) for number in numbers))
    unread = [reason for each in read for reason in each.unread.values()]
    if unread and not any(each.applications for each in read):
        raise ApiUnusableError(f"the rules of `select` could not be resolved: {unread[0]}")
    return {**listed, **dict(zip(numbers, read, strict=True))}


async def _owned(send: Send, organization: int, listed: Listed, hosts: Iterable[Host]) -> Listed:
    unread: dict[int, str] = {}

    async def or_unread(what: str, server: int, reading: Awaitable[Part]) -> Part | None:
        try:
            return await reading
        except ApiError as error:
            unread.setdefault(server, f"its {what} could not be read: {error}")
            return None

    hosts = list(hosts)
    needed = {field for host in hosts if host.rule.applications for field in host.rule.applications.named}
    needed |= {"name" for host in hosts if host.rule.databases}
    of_applications = application_lists(organization, lambda *reading: or_unread("applications", *reading), needed)
    of_databases = database_lists(organization, lambda *reading: or_unread("databases", *reading))
    applications, databases = await asyncio.gather(
        read_owned(send, of_applications, {host.server.id: None for host in hosts}),
        read_owned(send, of_databases, {host.server.id: None for host in hosts if host.rule.databases}),
    )
    servers = {host.server.id for host in hosts} - unread.keys()
    return replace(
        listed,
        applications={server: applications[server] for server in servers},
        databases={server: databases[server] for server in servers & databases.keys()},
        unread=unread,
    )
