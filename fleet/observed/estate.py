"""Everything in an organization, read in full: an audit reports what is missing, and half a list would mislead it.

Read over the organization, or, if an audit covers only some servers, from those servers' own lists; one request after
the other, so that nothing more is sent once one has failed.
"""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

from fleet.inventory.target import Target
from fleet.observed.observed import Listed
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
    """What an organization contains, by id; the server of an application is not always known.

    Attributes:
        servers: all of them.
        applications: of all servers, or of those the audit covers.
        databases: likewise.
        is_part: whether it covers only some servers.
    """

    servers: dict[int, Server] = field(default_factory=dict)
    applications: dict[int, Application] = field(default_factory=dict)
    databases: dict[int, Database] = field(default_factory=dict)
    is_part: bool = False

    def server_name(self, server_id: int | None) -> str:
        """A server's name for people; empty if the server is not known."""
        if server_id is None:
            return ""
        server = self.servers.get(server_id)
        return (server and server.name) or f"server {server_id}"

    def gone(self, target: Target, unread: AbstractSet[int]) -> str:
        """Say that a target's application, database or server is missing or moved; empty if it is not, or unknown.

        Args:
            target: the target.
            unread: servers whose lists could not be read.
        """
        request = target.request
        database = request.database_id if request.wants_database else None
        problems = [self._gone("application", request.application_id, self.applications, target, unread)]
        if database is not None:
            problems.append(self._gone("database", database, self.databases, target, unread))
        if target.server_id not in self.servers and not any(problems):
            return f"server {target.server_id} is not in organization {target.organization}"
        return next(filter(None, problems), "")

    def _gone(
        self, what: str, number: int, known: Mapping[int, Owned], target: Target, unread: AbstractSet[int]
    ) -> str:
        row, here = known.get(number), self.server_name(target.server_id)
        if row is not None:
            is_here = row.server_id in (None, target.server_id)
            return "" if is_here else f"{what} {number} is on {self.server_name(row.server_id)} now, not on {here}"
        if target.server_id in unread:
            return ""
        return f"{what} {number} is not on {here}" if self.is_part else f"the panel lists no {what} {number}"


async def read_estate(send: Send, organization: int, only: Sequence[int] | None, listed: Listed) -> Estate:
    """Read the servers, applications and databases of an organization.

    Args:
        send: sends a request and returns the JSON of its response.
        organization: its id.
        only: the ids of servers; None for all.
        listed: what was read of it for the rules: servers' own lists, which show where an application is.

    Raises:
        ApiError: a list could not be read to its end.
        ApiUnusableError: the API cannot be used at all.
    """
    servers = await list_all(send, partial(wire.list_servers, organization), Server)
    if only is not None:
        applications = await _of_servers(send, organization, only, wire.list_applications, Application)
        databases = await _of_servers(send, organization, only, wire.list_server_databases, Database)
    else:
        applications = await list_all(send, partial(wire.list_organization_applications, organization), Application)
        databases = await list_all(send, partial(wire.list_databases, organization), Database)
        for server, of_it in listed.applications.items():
            seen = {number: replace(applications.get(number, row), server_id=server) for number, row in of_it.items()}
            applications |= seen
    return Estate(servers, applications, databases, is_part=only is not None)


async def _of_servers(
    send: Send,
    organization: int,
    servers: Sequence[int],
    request_of: _RequestOfServer,
    model: type[Owned],
) -> dict[int, Owned]:
    """Read the lists of some servers; a server that the organization does not have owns nothing."""
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
