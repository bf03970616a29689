"""What to build: a world, its servers, its sites, and how much content they have."""

from dataclasses import dataclass

from sandbox.world.content import Volume

# The seed's example names organization 5.
ORGANIZATION_ID = 5


@dataclass(frozen=True)
class ServerWish:
    """One server to build.

    Attributes:
        name: its name.
        applications: names of its applications; each gets a database.
        tags: its tags.
        timezone: its IANA time zone.
        disk_total_gb: size of its disk.
        disk_used_gb: used space.
        connected: whether its agent answers.
        monitored: whether it has a monitor log.
        organization: the id of its organization.
    """

    name: str
    applications: tuple[str, ...]
    tags: tuple[str, ...] = ()
    timezone: str = "UTC"
    disk_total_gb: float = 40.0
    disk_used_gb: float = 11.2
    connected: bool = True
    monitored: bool = True
    organization: int = ORGANIZATION_ID


@dataclass(frozen=True)
class Site:
    """One application to build.

    Attributes:
        name: its name.
        domain: its primary domain; if empty, made of the names of site and server.
        framework: what it runs on.
        active: whether it is active.
        database: the name of its database; None for one named after the site, empty for none.
    """

    name: str
    domain: str = ""
    framework: str = "wordpress"
    active: bool = True
    database: str | None = None


@dataclass(frozen=True)
class WorldWish:
    """A world to build; in a `tiny` one all applications share their files and archives.

    Attributes:
        organization: name of the first organization.
    """

    servers: tuple[ServerWish, ...]
    volume: Volume
    tiny: bool = False
    seed: int = 1
    organization: str = "Demo Hosting"
