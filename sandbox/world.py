"""A world: organizations, servers, applications, databases and storage providers, as files and as state."""

import json
import shutil
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from sandbox.content import DEMO_VOLUME, SMALL_VOLUME, Volume, write_application, write_database
from sandbox.demo_world import DEMO_SERVERS
from sandbox.state import Row, State

SERVERS, STORAGE = "servers", "storage"
_BUILT = "world"

# The seed's example names organization 5, server 15, application 4246, database 4223 and provider 10.
ORGANIZATION_ID = 5
_FIRST_SERVER, _FIRST_APPLICATION, _FIRST_DATABASE = 15, 4246, 4223
# Ids that nobody takes for a count.
_FIRST_CONFIGURATION, _FIRST_BACKUP = 71, 301
_CREATED_AT = 1714641011.0  # 2024-05-02 09:10:11 UTC
PROVIDERS: tuple[Row, ...] = (
    {"id": 10, "name": "Wasabi Frankfurt", "provider": "wasabi", "email": None},
    {"id": 11, "name": "Team Drive", "provider": "gdrive", "email": "backups@example.org"},
    {"id": 12, "name": "ServerAvatar Storage", "provider": "serveravatar", "email": None},
)


@dataclass(frozen=True)
class ServerWish:
    """One server of a world to build.

    Attributes:
        name: its name.
        applications: names of its applications; each has a database of its own.
        tags: its tags.
        timezone: its IANA time zone.
        disk_total_gb: size of its disk.
        disk_used_gb: what is used of it.
        connected: whether its agent answers.
        monitored: whether it has a monitor log.
    """

    name: str
    applications: tuple[str, ...]
    tags: tuple[str, ...] = ()
    timezone: str = "UTC"
    disk_total_gb: float = 40.0
    disk_used_gb: float = 11.2
    connected: bool = True
    monitored: bool = True


@dataclass(frozen=True)
class Site:
    """One application to make.

    Attributes:
        name: its name.
        domain: its primary domain; made of the names of site and server where it is empty.
        framework: what it runs on.
        active: whether it is active.
        database: the name of its database; None for one made of the site's name, empty for none.
    """

    name: str
    domain: str = ""
    framework: str = "wordpress"
    active: bool = True
    database: str | None = None


@dataclass(frozen=True)
class WorldWish:
    """A world to build; in a `tiny` one all applications share their files, and are packed only once."""

    servers: tuple[ServerWish, ...]
    volume: Volume
    tiny: bool = False
    seed: int = 1
    organization: str = "Demo Hosting"


def build_demo_world(folder: Path) -> None:
    """Build the demo world: nine servers, 28 applications; or leave the world that is there."""
    servers = tuple(ServerWish(**server) for server in DEMO_SERVERS)
    build_world(folder, WorldWish(servers=servers, volume=DEMO_VOLUME))


def build_fleet_world(folder: Path, *, servers: int, applications_per_server: int, tiny: bool = False) -> None:
    """Build a uniform world of any size; or leave the one that is there.

    Args:
        folder: the sandbox's folder.
        servers: how many servers.
        applications_per_server: how many applications each has.
        tiny: packing is skipped: each archive is a link to one that was made once. For benchmarks.
    """
    names = tuple(f"site-{number:03d}" for number in range(1, applications_per_server + 1))
    wishes = tuple(ServerWish(f"web-{number:04d}", names, ("fleet",)) for number in range(1, servers + 1))
    build_world(folder, WorldWish(servers=wishes, volume=SMALL_VOLUME, tiny=tiny))


def build_world(folder: Path, wish: WorldWish) -> None:
    """Write a world's files and state, unless the folder has a world.

    A build that was cut short leaves no world and is begun anew.
    """
    with closing(State(folder)) as state:
        if state.recall(_BUILT) is not None:
            return
        shutil.rmtree(folder / SERVERS, ignore_errors=True)
        state.begin()
        state.insert(
            "organizations",
            id=ORGANIZATION_ID,
            name=wish.organization,
            description="Sites of the agency's clients",
            created_at=_CREATED_AT,
        )
        state.insert_all("providers", ({**row, "organization_id": ORGANIZATION_ID} for row in PROVIDERS))
        _build_servers(state, folder, wish)
        state.count_from("configurations", _FIRST_CONFIGURATION)
        state.count_from("backups", _FIRST_BACKUP)
        state.remember(_BUILT, {"tiny": wish.tiny})
        state.commit()


def has_world(folder: Path) -> bool:
    """Whether a whole world was built in this folder."""
    with closing(State(folder)) as state:
        return state.recall(_BUILT) is not None


def is_tiny(state: State) -> bool:
    """Whether the world was built for benchmarks: every archive is a link to one that was made once."""
    return bool(state.recall(_BUILT)["tiny"])


def describe(folder: Path) -> dict[str, Any]:
    """The world as plain lists and dicts, for whoever writes a fleet file about it.

    Returns:
        `organization` {id, name}; `servers` [{id, name, tags, timezone, connected, disk_percent}];
        `applications` [{id, name, domain, server_id, database_id}]; `providers` [{id, name, provider}].
    """
    with closing(State(folder)) as state:
        servers = state.rows(
            "SELECT id, name, tags, timezone, connected, "
            "round(100 * disk_used_gb / disk_total_gb) AS disk_percent FROM servers ORDER BY id"
        )
        return {
            "organization": state.row("SELECT id, name FROM organizations ORDER BY id"),
            "servers": [
                {**row, "tags": json.loads(row["tags"]), "connected": bool(row["connected"])} for row in servers
            ],
            "applications": state.rows("SELECT id, name, domain, server_id, database_id FROM applications ORDER BY id"),
            "providers": state.rows("SELECT id, name, provider FROM providers ORDER BY id"),
        }


def add_site(folder: Path, state: State, server: Row, site: Site) -> Row:
    """Make an application on a server of a world that is served, with its files and its database.

    Args:
        folder: the sandbox's folder.
        state: its state.
        server: the row of the server.
        site: what to make.

    Returns:
        The row of the application.
    """
    template = _Template(folder, WorldWish(servers=(), volume=SMALL_VOLUME))
    ids = state.next_id("applications"), state.next_id("databases")
    state.begin()
    _insert_application(state, template, (server["id"], server["name"], site), ids)
    state.commit()
    return state.find("applications", id=ids[0]) or {}


def _build_servers(state: State, folder: Path, wish: WorldWish) -> None:
    application_ids, database_ids = count(_FIRST_APPLICATION), count(_FIRST_DATABASE)
    template = _Template(folder, wish)
    for server_id, server in enumerate(wish.servers, start=_FIRST_SERVER):
        _insert_server(state, server_id, server)
        for name in server.applications:
            ids = next(application_ids), next(database_ids)
            site = Site(name, framework="wordpress" if ids[0] % 2 == 0 else "custom")
            _insert_application(state, template, (server_id, server.name, site), ids)


def _insert_server(state: State, server_id: int, server: ServerWish) -> None:
    state.insert(
        "servers",
        id=server_id,
        organization_id=ORGANIZATION_ID,
        name=server.name,
        tags=json.dumps(server.tags),
        timezone=server.timezone,
        disk_total_gb=server.disk_total_gb,
        disk_used_gb=server.disk_used_gb,
        connected=server.connected,
        monitored=server.monitored,
        created_at=_CREATED_AT,
    )


def _insert_application(state: State, template: "_Template", of: tuple[int, str, Site], ids: tuple[int, int]) -> None:
    """Write one application with its database; `of` is server id, server name and site, `ids` are its own."""
    server_id, server_name, site = of
    application_id, database_id = ids
    (path, size), (database_path, database_size) = template.write(server_name, site.name)
    owner = {"organization_id": ORGANIZATION_ID, "server_id": server_id, "created_at": _CREATED_AT}
    database = f"{site.name.replace('-', '_')}_db" if site.database is None else site.database
    if database:
        state.insert("databases", id=database_id, name=database, path=database_path, bytes=database_size, **owner)
    state.insert(
        "applications",
        id=application_id,
        database_id=database_id if database else None,
        name=site.name,
        domain=site.domain or f"{site.name}.{server_name}.example.org",
        framework=site.framework,
        active=site.active,
        path=path,
        bytes=size,
        **owner,
    )


class _Template:
    """Writes applications and databases; in a tiny world only the first, which all share."""

    def __init__(self, folder: Path, wish: WorldWish) -> None:
        self._folder = folder
        self._wish = wish
        self._written: tuple[tuple[str, int], tuple[str, int]] | None = None

    def write(self, server: str, name: str) -> tuple[tuple[str, int], tuple[str, int]]:
        """Path and bytes of the application's folder, then of its database."""
        if self._wish.tiny and self._written is not None:
            return self._written
        path = f"{SERVERS}/{server}/applications/{name}"
        database = f"{SERVERS}/{server}/databases/{name.replace('-', '_')}_db.sqlite"
        volume, seed, label = self._wish.volume, self._wish.seed, f"{server}/{name}"
        self._written = (
            (path, write_application(self._folder / path, label, volume, seed)),
            (database, write_database(self._folder / database, label, volume, seed)),
        )
        return self._written
