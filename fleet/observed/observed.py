"""What the API shows of the fleet now: servers, applications, databases, storage providers.

A part that is None is unknown: its list could not be read.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final

from fleet.inventory.target import Target
from fleet.observed.trust import LastGood
from fleet.serveravatar.models import Application, Database, Disk, Server, StorageProvider


@dataclass(frozen=True, slots=True)
class Listed:
    """What was listed of one organization to resolve rules: whole lists, which need not be read again.

    Attributes:
        refusal: the API's message if it does not know the organization, or forbids access.
        is_forbidden: whether it forbids access.
        servers: by id.
        sought: which servers were looked for, so that a missing one does not exist; None: all.
        applications: by server id and id; complete for each server listed.
        databases: likewise.
        unread: by server id, why its applications or databases could not be read.
    """

    refusal: str | None = None
    is_forbidden: bool = False
    servers: Mapping[int, Server] = field(default_factory=dict)
    sought: AbstractSet[int] | None = frozenset()
    applications: Mapping[int, Mapping[int, Application]] = field(default_factory=dict)
    databases: Mapping[int, Mapping[int, Database]] = field(default_factory=dict)
    unread: Mapping[int, str] = field(default_factory=dict)


NOTHING_LISTED: Final = Listed()


@dataclass(frozen=True, slots=True)
class ObservedOrganization:
    """One organization as the API shows it, as far as its targets need.

    Attributes:
        refusal: the API's message if it does not know the organization, or forbids access.
        servers: by id.
        providers: storage providers by id.
        applications: by server id and id; a missing server was not read.
        beside: likewise, for servers that were not read, from elsewhere: only for names.
        databases: by id.
        disks: by server id; only for servers whose row left their disk in doubt.
    """

    refusal: str | None = None
    servers: Mapping[int, Server] = field(default_factory=dict)
    providers: Mapping[int, StorageProvider] | None = None
    applications: Mapping[int, Mapping[int, Application]] = field(default_factory=dict)
    beside: Mapping[int, Mapping[int, Application]] = field(default_factory=dict)
    databases: Mapping[int, Database] | None = None
    disks: Mapping[int, Disk] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Observed:
    """The fleet as the API shows it.

    Attributes:
        organizations: by id.
        warnings: what could not be read, one line each.
        trusted: what is known of the targets that no list was read for, by place.
    """

    organizations: Mapping[int, ObservedOrganization]
    warnings: tuple[str, ...] = ()
    trusted: Mapping[str, LastGood] = field(default_factory=dict)

    def application(self, target: Target) -> Application | None:
        """The target's application, if the API shows it, or has shown it of a trusted target."""
        organization, wanted = self._organization(target), target.request.application_id
        seen = organization.applications.get(target.server_id, {}).get(wanted)
        if not seen and (last := self.trusted.get(target.place)):
            return Application(id=wanted, name=last.application, primary_domain=last.domain)
        return seen or organization.beside.get(target.server_id, {}).get(wanted)

    def label(self, target: Target) -> str:
        """A target's name for people: server and application, and the type if not the whole application."""
        kind = "" if target.request.type == "application" else f" ({target.request.type})"
        return f"{self.server_name(target)} · {self.application_name(target)}{kind}"

    def application_name(self, target: Target) -> str:
        """The application's name in the API."""
        application = self.application(target)
        return application.name if application and application.name else f"application {target.request.application_id}"

    def domain(self, target: Target) -> str:
        """The application's primary domain in the API; empty if unknown."""
        application = self.application(target)
        return (application.primary_domain or "") if application else ""

    def server_name(self, target: Target) -> str:
        """The server's name in the fleet file, otherwise in the API."""
        server = self._organization(target).servers.get(target.server_id)
        return target.server_name or (server.name if server and server.name else f"server {target.server_id}")

    def size_mb(self, target: Target) -> float:
        """MB that a target's parts take on the server before packing, as far as is known; 0 if unknown."""
        if last := self.trusted.get(target.place):
            return last.size_mb
        organization, request = self._organization(target), target.request
        application = self.application(target) if request.wants_application else None
        wants_database = request.wants_database and organization.databases is not None
        database = (organization.databases or {}).get(request.database_id or 0) if wants_database else None
        return (application.size or 0.0 if application else 0.0) + (database.size or 0.0 if database else 0.0)

    def _organization(self, target: Target) -> ObservedOrganization:
        return self.organizations.get(target.organization, ObservedOrganization())
