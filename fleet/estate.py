"""Everything that an organization has, read in full: an audit asks what is missing, and half a list would answer that.

Read over the organization, or, where an audit is about some servers alone, from these servers' own lists; one request
after the other, so that nothing more is sent once one has failed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

from fleet.observed import Listed
from fleet.serveravatar import wire
from fleet.serveravatar.catalogue import normalized
from fleet.serveravatar.errors import ApiError
from fleet.serveravatar.listing import Send, list_all
from fleet.serveravatar.models import Application, Database, Entry, Server
from fleet.serveravatar.wire import Request

Row = TypeVar("Row", bound=Entry)
Owned = TypeVar("Owned", Application, Database)
_RequestOfServer = Callable[[int, int, int], Request]
_NO_SUCH_SERVER = normalized("Server not found!")


@dataclass(frozen=True, slots=True)
class Estate:
    """What an organization has, by id; which server an application is on is not always told."""

    servers: dict[int, Server] = field(default_factory=dict)
    applications: dict[int, Application] = field(default_factory=dict)
    databases: dict[int, Database] = field(default_factory=dict)

    def server_name(self, server_id: int | None) -> str:
        """Name a server for people; empty where it is not told which it is."""
        if server_id is None:
            return ""
        server = self.servers.get(server_id)
        return (server and server.name) or f"server {server_id}"


async def read_estate(send: Send, organization: int, only: Sequence[int] | None, listed: Listed) -> Estate:
    """Read the servers, applications and databases of an organization.

    Args:
        send: sends a request and returns the JSON of its answer.
        organization: its id.
        only: the ids of servers; None for all that the organization has.
        listed: what the rules have read of it: servers' own lists, which tell where an application is.

    Raises:
        ApiError: a list could not be read to its end.
        ApiUnusableError: no request of this run will fare better.
    """
    servers = await list_all(send, partial(wire.list_servers, organization), Server)
    if only is not None:
        applications = await _of_servers(send, organization, only, wire.list_applications, Application)
        databases = await _of_servers(send, organization, only, wire.list_server_databases, Database)
    else:
        applications = await list_all(send, partial(wire.list_organization_applications, organization), Application)
        databases = await list_all(send, partial(wire.list_databases, organization), Database)
    for server, of_it in listed.applications.items():
        for number in of_it.keys() & applications.keys():
            applications[number] = replace(applications[number], server_id=server)
    return Estate(servers, applications, databases)


async def _of_servers(
    send: Send,
    organization: int,
    servers: Sequence[int],
    request_of: _RequestOfServer,
    model: type[Owned],
) -> dict[int, Owned]:
    """Read the lists of some servers; one that the organization does not have has nothing."""
    found: dict[int, Owned] = {}
    for server in servers:
        try:
            rows = await list_all(send, partial(request_of, organization, server), model)
        except ApiError as error:
            if normalized(error.message) != _NO_SUCH_SERVER:
                raise
            continue
        found |= {row.id: replace(row, server_id=server) for row in rows.values()}
    return found
