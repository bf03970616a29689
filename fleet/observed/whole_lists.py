"""Reads whole lists of what an account contains, for rules and discovery, which must not miss anything.

A list that cannot be read never counts as empty: a server without one is reported as unread, and without the server
list nothing is known.
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
    """Which contents of one organization's servers are wanted.

    Attributes:
        applications: ids of the servers whose applications are wanted.
        databases: ids of the servers whose databases are wanted.
        needed: fields that the row of an application must have.
    """

    applications: frozenset[int]
    databases: frozenset[int]
    needed: frozenset[str] = frozenset()


async def list_servers(send: Send, sought: Mapping[int, AbstractSet[int] | None]) -> dict[int, Listed]:
    """List servers of some organizations.

    Args:
        send: sends a request and returns the JSON of its response.
        sought: by organization, the ids of servers, or None for all.

    Returns:
        What was listed, by organization; one that is unknown or forbids access has the API's message.

    Raises:
        ApiUnusableError: the API refused the token, or a list could not be read in full.
    """
    wanted = list(sought.items())
    # The first one alone, so that a wrong token costs a single request.
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
    """The organizations that forbid access, with the API's message."""
    return {number: each.refusal for number, each in listed.items() if each.refusal and each.is_forbidden}


async def list_holdings(send: Send, listed: Mapping[int, Listed], wanted: Mapping[int, Holdings]) -> dict[int, Listed]:
    """List all applications, and all databases, of some servers.

    Args:
        send: sends a request and returns the JSON of its response.
        listed: the servers of each organization.
        wanted: by organization.

    Returns:
        What was listed; a server whose lists could not be read is among the unread.

    Raises:
        ApiUnusableError: the API cannot be used at all, or no server could be read.
    """
    read = await asyncio.gather(*(_holdings(send, number, listed[number], wanted[number]) for number in wanted))
    unread = [reason for each in read for reason in each.unread.values()]
    if unread and not any(each.applications for each in read):
        raise ApiUnusableError(f"no server's contents could be read: {unread[0]}")
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
