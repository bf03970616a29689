"""Observing the fleet in bulk: a list call for all targets, not a call for each.

Nothing is read that no target needs, and no list is read further than to the last thing that is wanted. A list that
cannot be read leaves its part unknown: then it is left to the API to refuse what is wrong.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import partial
from typing import Final, TypeVar

from fleet.bulk_list import Lists, read_owned
from fleet.observed import Observed, ObservedOrganization
from fleet.preconditions import DiskRules, disk_is_in_doubt, size_mb
from fleet.serveravatar import wire
from fleet.serveravatar.catalogue import Meaning, normalized
from fleet.serveravatar.errors import ApiError, ApiUnusableError
from fleet.serveravatar.listing import Send, list_until, pages
from fleet.serveravatar.models import Application, Database, Disk, Server, StorageProvider
from fleet.target import Target

Part = TypeVar("Part")
_NO_SUCH_SERVER: Final = normalized("Server not found!")


async def observe(send: Send, targets: Iterable[Target], rules: DiskRules) -> Observed:
    """Read what the preconditions of the targets need to know.

    Args:
        send: sends a request and returns the JSON of its answer.
        targets: of one or several organizations.
        rules: decide whose disk is in doubt.

    Raises:
        ApiUnusableError: the API refused the token, or its servers could not be listed.
    """
    by_organization: dict[int, list[Target]] = defaultdict(list)
    for target in targets:
        by_organization[target.organization].append(target)
    observers = [_Observer(send, number, wanted, rules) for number, wanted in by_organization.items()]
    # The first alone: a wrong token then costs one request, whatever the fleet.
    for observer in observers[:1]:
        await observer.read_servers()
    await asyncio.gather(*(observer.read_servers() for observer in observers[1:]))
    await asyncio.gather(*(observer.read_the_rest() for observer in observers))
    warnings = [warning for observer in observers for warning in observer.warnings]
    return Observed({observer.organization: observer.seen for observer in observers}, tuple(warnings))


class _Observer:
    """Reads one organization."""

    def __init__(self, send: Send, organization: int, targets: Sequence[Target], rules: DiskRules) -> None:
        self.organization = organization
        self.seen = ObservedOrganization()
        self.warnings: list[str] = []
        self._send = send
        self._targets = targets
        self._rules = rules

    async def read_servers(self) -> None:
        """List the servers until all wanted ones are found; an unknown organization is its targets' problem."""
        try:
            servers = await self._list_servers({target.server_id for target in self._targets})
        except ApiError as error:
            if error.meaning is not Meaning.REFUSED:
                raise ApiUnusableError(f"the servers could not be listed: {error}") from None
            self.seen = ObservedOrganization(refusal=error.message)
        else:
            self.seen = ObservedOrganization(servers=servers)

    async def _list_servers(self, wanted: AbstractSet[int]) -> dict[int, Server]:
        """Read the list; from its first page on, each server alone where that is fewer requests."""
        found: dict[int, Server] = {}
        absent: set[int] = set()
        async for page in pages(self._send, partial(wire.list_servers, self.organization)):
            found |= {row.id: row for row in wire.read_rows(Server, page.rows)}
            missing = wanted - found.keys()
            if page.number == 1 and (page.last or 0) - 1 > len(missing):
                alone = await asyncio.gather(*(self._server_alone(server, absent) for server in missing))
                found |= {server.id: server for server in alone if server}
            if wanted <= found.keys() | absent:
                break
        return found

    async def _server_alone(self, server: int, absent: set[int]) -> Server | None:
        """Read one server; None when it is absent, or when its row says less than the list would."""
        try:
            answer = await self._send(wire.read_server(self.organization, server))
        except ApiError as error:
            if normalized(error.message) == _NO_SUCH_SERVER:
                absent.add(server)
            return None
        row = wire.read_server_row(answer)
        return row if row and row.id == server and row.agent_status is not None else None

    async def read_the_rest(self) -> None:
        """List what the targets on connected servers refer to, then look at the disks that are in doubt."""
        by_server: dict[int, list[Target]] = defaultdict(list)
        for target in self._targets:
            server = self.seen.servers.get(target.server_id)
            if server is not None and server.agent_status is not False:
                by_server[target.server_id].append(target)
        if not by_server:
            return
        providers, databases, applications = await asyncio.gather(
            self._read_providers(by_server), self._read_databases(by_server), self._read_applications(by_server)
        )
        self.seen = replace(self.seen, providers=providers, databases=databases, applications=applications)
        await self._read_disks(by_server)

    async def _read_providers(self, by_server: Mapping[int, list[Target]]) -> dict[int, StorageProvider] | None:
        wanted = {target.request.cloud_storage_provider_id for targets in by_server.values() for target in targets}
        listing = list_until(self._send, partial(wire.list_providers, self.organization), StorageProvider, wanted)
        return await self._or_unknown("the storage providers", listing)

    async def _read_applications(self, by_server: Mapping[int, list[Target]]) -> dict[int, dict[int, Application]]:
        lists = Lists(
            Application,
            partial(wire.list_organization_applications, self.organization),
            partial(wire.list_applications, self.organization),
            lambda server, reading: self._or_unknown(f"the applications of server {server}", reading),
        )
        wanted = {server: {target.request.application_id for target in by_server[server]} for server in by_server}
        return await read_owned(self._send, lists, wanted)

    async def _read_databases(self, by_server: Mapping[int, list[Target]]) -> dict[int, Database] | None:
        lists = Lists(
            Database,
            partial(wire.list_databases, self.organization),
            partial(wire.list_server_databases, self.organization),
            lambda server, reading: self._or_unknown(f"the databases of server {server}", reading),
        )
        named = {server: {target.request.database_id for target in by_server[server]} for server in by_server}
        wanted = {server: ids for server in named if (ids := {each for each in named[server] if each is not None})}
        found = await read_owned(self._send, lists, wanted)
        if not wanted.keys() <= found.keys() or not wanted:
            return None
        return {number: row for rows in found.values() for number, row in rows.items()}

    async def _read_disks(self, by_server: Mapping[int, list[Target]]) -> None:
        observed = Observed({self.organization: self.seen})

        async def disk(server: int) -> Disk | None:
            usage = await self._or_unknown(
                f"the disk of server {server}", self._send(wire.server_usage(self.organization, server))
            )
            return wire.read_disk(usage) if usage is not None else None

        in_doubt = [
            server
            for server, targets in by_server.items()
            if disk_is_in_doubt(
                self.seen.servers[server].disk_percent, max(size_mb(t, observed) for t in targets), self._rules
            )
        ]
        disks = await asyncio.gather(*(disk(server) for server in in_doubt))
        known = {server: disk for server, disk in zip(in_doubt, disks, strict=True) if disk is not None}
        self.seen = replace(self.seen, disks=known)

    async def _or_unknown(self, what: str, reading: Awaitable[Part]) -> Part | None:
        try:
            return await reading
        except ApiError as error:
            self.warnings.append(f"{what} could not be read, so not checked: {error}")
            return None
