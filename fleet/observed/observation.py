"""Observes the fleet in bulk: a list call for all targets, not a call for each.

Nothing is read that no target needs, and no list further than the last row wanted. A list that cannot be read leaves
its part unknown: the API then refuses what is wrong.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import TypeVar

from fleet.inventory.target import Target
from fleet.observed.access import Refusal, check_access, refusal_of
from fleet.observed.bulk_list import application_lists, database_lists, read_owned
from fleet.observed.disk_space import DiskRules, disk_is_in_doubt
from fleet.observed.observed import NOTHING_LISTED, Listed, Observed, ObservedOrganization
from fleet.observed.server_list import read_servers
from fleet.observed.trust import LastGood
from fleet.serveravatar import wire
from fleet.serveravatar.errors import ApiError
from fleet.serveravatar.listing import Send, list_until
from fleet.serveravatar.models import Application, Database, Disk, Server, StorageProvider

Part = TypeVar("Part")


async def observe(
    send: Send, targets: Sequence[Target], rules: DiskRules, listed: Mapping[int, Listed] = MappingProxyType({})
) -> Observed:
    """Read what the preconditions of the targets need to know: `observe_targets`, then `observe_disks`."""
    return await observe_disks(send, targets, rules, await observe_targets(send, targets, listed))


async def observe_targets(
    send: Send,
    targets: Iterable[Target],
    listed: Mapping[int, Listed] = MappingProxyType({}),
    trusted: Mapping[str, LastGood] = MappingProxyType({}),
) -> Observed:
    """Read what all preconditions except the disk's need to know.

    Args:
        send: sends a request and returns the JSON of its response.
        targets: of one or several organizations.
        listed: by organization, what was already listed and is not read again.
        trusted: by place, what is known of targets of which only the server is looked up.

    Raises:
        ApiUnusableError: the API refused the token, or every organization, or servers could not be listed.
    """
    by_organization: dict[int, list[Target]] = defaultdict(list)
    for target in targets:
        by_organization[target.organization].append(target)
    observers = [
        _Observer(send, number, wanted, listed.get(number, NOTHING_LISTED), trusted)
        for number, wanted in by_organization.items()
    ]
    # The first one alone, so that a wrong token costs a single request.
    for observer in observers[:1]:
        await observer.read_servers()
    await asyncio.gather(*(observer.read_servers() for observer in observers[1:]))
    forbidden = {each.organization: each.forbidden for each in observers if each.forbidden}
    check_access(forbidden, by_organization.keys() | listed.keys())
    await asyncio.gather(*(observer.read_the_rest() for observer in observers))
    warnings = [warning for observer in observers for warning in observer.warnings]
    return Observed({observer.organization: observer.seen for observer in observers}, tuple(warnings), trusted)


async def observe_disks(send: Send, targets: Iterable[Target], rules: DiskRules, observed: Observed) -> Observed:
    """Read the disks of servers whose row in the list does not prove that there is room.

    Args:
        send: sends a request and returns the JSON of its response.
        targets: of one or several organizations.
        rules: decide which disks are in doubt.
        observed: what was read of the targets.

    Raises:
        ApiUnusableError: the API cannot be used at all.
    """
    largest: dict[tuple[int, int], float] = {}
    for target in targets:
        server = observed.organizations[target.organization].servers.get(target.server_id)
        if server is not None and server.agent_status is not False:
            place = target.organization, target.server_id
            largest[place] = max(largest.get(place, 0.0), observed.size_mb(target))
    in_doubt = [
        (organization, server)
        for (organization, server), size in largest.items()
        if disk_is_in_doubt(observed.organizations[organization].servers[server].disk_percent, size, rules)
    ]
    read = await asyncio.gather(*(_read_disk(send, *place) for place in in_doubt))
    organizations = dict(observed.organizations)
    for (organization, number), disk in zip(in_doubt, read, strict=True):
        if isinstance(disk, Disk):
            seen = organizations[organization]
            organizations[organization] = replace(seen, disks={**seen.disks, number: disk})
    warnings = (each for each in read if isinstance(each, str))
    return replace(observed, organizations=organizations, warnings=(*observed.warnings, *warnings))


async def _read_disk(send: Send, organization: int, server: int) -> Disk | str:
    """A server's disk, or a warning if it could not be read."""
    try:
        return wire.read_disk(await send(wire.server_usage(organization, server)))
    except ApiError as error:
        return _not_checked(f"the disk of server {server}", error)


def _not_checked(what: str, error: ApiError) -> str:
    return f"{what} could not be read, so not checked: {error}"


class _Observer:
    """Reads one organization."""

    def __init__(
        self,
        send: Send,
        organization: int,
        targets: Sequence[Target],
        listed: Listed,
        trusted: Mapping[str, LastGood],
    ) -> None:
        self.organization = organization
        self.seen = ObservedOrganization()
        self.forbidden = ""
        self.warnings: list[str] = []
        self._send = send
        self._targets = targets
        self._listed = listed
        self._trusted = trusted

    async def read_servers(self) -> None:
        """List the servers until all wanted ones are found; a refusal is a problem of the organization's targets."""
        if self._listed.refusal:
            self._refused(Refusal(self._listed.refusal, self._listed.is_forbidden))
            return
        try:
            servers = await self._servers({target.server_id for target in self._targets})
        except ApiError as error:
            self._refused(refusal_of(error, "the servers"))
        else:
            self.seen = ObservedOrganization(servers=servers, applications=self._listed.applications)

    def _refused(self, refusal: Refusal) -> None:
        self.seen = ObservedOrganization(refusal=refusal.words)
        self.forbidden = refusal.words if refusal.is_forbidden else ""

    async def _servers(self, wanted: AbstractSet[int]) -> Mapping[int, Server]:
        """Those already listed, and as many more as needed."""
        listed = self._listed
        if listed.sought is None or wanted <= listed.sought:
            return listed.servers
        return {**listed.servers, **await read_servers(self._send, self.organization, wanted - listed.sought)}

    async def read_the_rest(self) -> None:
        """List what the targets on connected servers refer to, unless they are trusted."""
        by_server: dict[int, list[Target]] = defaultdict(list)
        for target in self._targets:
            server = self.seen.servers.get(target.server_id)
            is_connected = server is not None and server.agent_status is not False
            if is_connected and target.place not in self._trusted:
                by_server[target.server_id].append(target)
        if not by_server:
            return
        providers, databases, applications = await asyncio.gather(
            self._read_providers(by_server), self._read_databases(by_server), self._read_applications(by_server)
        )
        self.seen = replace(self.seen, providers=providers, databases=databases, applications=applications)

    async def _read_providers(self, by_server: Mapping[int, list[Target]]) -> dict[int, StorageProvider] | None:
        wanted = {target.request.cloud_storage_provider_id for targets in by_server.values() for target in targets}
        listing = list_until(self._send, partial(wire.list_providers, self.organization), StorageProvider, wanted)
        return await self._or_unknown("the storage providers", listing)

    async def _read_applications(self, by_server: Mapping[int, list[Target]]) -> dict[int, Mapping[int, Application]]:
        lists = application_lists(
            self.organization, lambda server, rows: self._or_unknown(f"the applications of server {server}", rows)
        )
        known = self._listed.applications
        wanted = {
            server: {target.request.application_id for target in targets}
            for server, targets in by_server.items()
            if server not in known
        }
        listed = len({target.request.application_id for target in self._targets})
        found = await read_owned(self._send, lists, wanted, listed) if wanted else {}
        # For servers not asked for, the organization's list may have shown some rows: good enough for names.
        self.seen = replace(self.seen, beside={server: found[server] for server in found.keys() - wanted.keys()})
        return {**known, **{server: found[server] for server in found.keys() & wanted.keys()}}

    async def _read_databases(self, by_server: Mapping[int, list[Target]]) -> dict[int, Database] | None:
        lists = database_lists(
            self.organization, lambda server, rows: self._or_unknown(f"the databases of server {server}", rows)
        )
        named = {server: {target.request.database_id for target in by_server[server]} for server in by_server}
        wanted = {server: ids for server in named if (ids := {each for each in named[server] if each is not None})}
        known = {server: self._listed.databases[server] for server in wanted if server in self._listed.databases}
        unknown = {server: ids for server, ids in wanted.items() if server not in known}
        listed = len({target.request.database_id for target in self._targets} - {None})
        found = known | (await read_owned(self._send, lists, unknown, listed) if unknown else {})
        if not wanted.keys() <= found.keys() or not wanted:
            return None
        return {number: row for rows in found.values() for number, row in rows.items()}

    async def _or_unknown(self, what: str, reading: Awaitable[Part]) -> Part | None:
        try:
            return await reading
        except ApiError as error:
            self.warnings.append(_not_checked(what, error))
            return None
