"""Reads the servers of an organization: the whole list, or no more of it than needed for the wanted servers."""

import asyncio
from collections.abc import Set as AbstractSet
from contextlib import aclosing
from functools import partial
from typing import Final

from fleet.serveravatar import wire
from fleet.serveravatar.catalogue import normalized
from fleet.serveravatar.errors import ApiError
from fleet.serveravatar.listing import Send, list_all, pages
from fleet.serveravatar.models import Server

_NO_SUCH_SERVER: Final = normalized("Server not found!")


async def read_all_servers(send: Send, organization: int) -> dict[int, Server]:
    """Read the list to its end.

    Returns:
        Every server, by id.

    Raises:
        ApiError: it could not be read in full.
    """
    return await list_all(send, partial(wire.list_servers, organization), Server)


async def read_servers(send: Send, organization: int, wanted: AbstractSet[int]) -> dict[int, Server]:
    """Read the list until all wanted servers were seen; after its first page one by one, if that is fewer requests.

    Returns:
        What was read, by id; a wanted server that is missing does not exist.

    Raises:
        ApiError: the list could not be read.
    """
    found: dict[int, Server] = {}
    absent: set[int] = set()
    async with aclosing(pages(send, partial(wire.list_servers, organization))) as listed:
        async for page in listed:
            found |= {row.id: row for row in wire.read_rows(Server, page.rows)}
            missing = wanted - found.keys()
            if page.number == 1 and (page.last or 0) - 1 > len(missing):
                alone = await asyncio.gather(*(_server_alone(send, organization, server, absent) for server in missing))
                found |= {server.id: server for server in alone if server}
            if wanted <= found.keys() | absent:
                break
    return found


async def _server_alone(send: Send, organization: int, server: int, absent: set[int]) -> Server | None:
    """Read one server; None if it is absent, or if its row shows less than the list would."""
    try:
        answer = await send(wire.read_server(organization, server))
    except ApiError as error:
        if normalized(error.message) == _NO_SUCH_SERVER:
            absent.add(server)
        return None
    row = wire.read_server_row(answer)
    return row if row and row.id == server and row.agent_status is not None else None
