"""Reading whole lists of what an account has, for whoever must not miss anything: rules, and discovery.

Here a list that cannot be read is never an empty one: a server without it is told, and without the list of servers
nothing is known.
"""

import asyncio
from collections.abc import Awaitable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import TypeVar

from fleet.observed.access import refusal_of
from fleet.observed.bulk_list import application_lists, database_lists, read_owned
from fleet.observed.observed import Listed
from fleet.observed.server_list import read_all_servers, read_servers
from fleet.serveravatar.errors import ApiError, ApiUnusableError
from fleet.serveravatar.listing import Send

Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class Holdings:
    """What is wanted of what the servers of one organization hold.

    Attributes:
        applications: ids of the servers whose applications are wanted.
        databases: ids of the servers whose databases are wanted.
        needed: fields that the row of an application must tell.
    """

    applications: frozenset[int]
    databases: frozenset[int]
    needed: frozenset[str] = frozenset()


async def list_servers(send: Send, sought: Mapping[int, AbstractSet[int] | None]) -> dict[int, Listed]:
    """List servers of some organizations.

    Args:
        send: sends a request and returns the JSON of its answer.
        sought: by organization, the ids of servers, or None for all.

    Returns:
        What was listed, by organization; one that the API does not know, or does not let us into, has its words.

    Raises:
        ApiUnusableError: the API refused the token, or a list could not be read whole.
    """
    wanted = list(sought.items())
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
        refusal = refusal_of(error, f"the servers of organization {organization}")
        return Listed(refusal=refusal.words, is_forbidden=refusal.is_forbidden, sought=None)


def forbidden_of(listed: Mapping[int, Listed]) -> dict[int, str]:
    """The organizations that do not let us in, with the API's words."""
    return {number: each.refusal for number, each in listed.items() if each.refusal and each.is_forbidden}


async def list_holdings(send: Send, listed: Mapping[int, Listed], wanted: Mapping[int, Holdings]) -> dict[int, Listed]:
    """List all applications, and all databases, of some servers.

    Args:
        send: sends a request and returns the JSON of its answer.
        listed: the servers of each organization.
        wanted: by organization.

    Returns:
        What was listed; a server whose lists could not be read is among the unread.

    Raises:
        ApiUnusableError: no request will fare better, or nothing could be read of any server.
    """
    read = await asyncio.gather(*(_holdings(send, number, listed[number], wanted[number]) for number in wanted))
    unread = [reason for each in read for reason in each.unread.values()]
    if unread and not any(each.applications for each in read):
        raise ApiUnusableError(f"what the servers hold could not be read: {unread[0]}")
    return {**listed, **dict(zip(wanted, read, strict=True))}


async def _holdings(send: Send, organization: int, listed: Listed, wanted: Holdings) -> Listed:
    unread: dict[int, str] = {}

    async def or_unread(what: str, server: int, reading: Awaitable[Part]) -> Part | None:
        try:
            return await reading
        except ApiError as error:
            unread.setdefault(server, f"its {what} could not be read: {error}")
            return None

    of_applications = application_lists(
        organization, lambda *reading: or_unread("applications", *reading), wanted.needed
    )
    of_databases = database_lists(organization, lambda *reading: or_unread("databases", *reading))
    applications, databases = await asyncio.gather(
        read_owned(send, of_applications, dict.fromkeys(wanted.applications)),
        read_owned(send, of_databases, dict.fromkeys(wanted.databases)),
    )
    read = wanted.applications - unread.keys()
    return replace(
        listed,
        applications={server: applications[server] for server in read},
        databases={server: databases[server] for server in read & databases.keys()},
        unread=unread,
    )
