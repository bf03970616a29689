"""A world: organizations, servers, applications, databases and storage providers, as files and as state."""

import json
import shutil
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

from sandbox.world.content import DEMO_VOLUME, SMALL_VOLUME, write_application, write_database
from sandbox.world.demo_world import DEMO_SERVERS
from sandbox.world.state import Row, State
from sandbox.world.wishes import ORGANIZATION_ID, ServerWish, Site, WorldWish

SERVERS, STORAGE = "servers", "storage"
_BUILT = "world"

# The seed's example names server 15, application 4246, database 4223 and provider 10.
_FIRST_SERVER, _FIRST_APPLICATION, _FIRST_DATABASE = 15, 4246, 4223
# Ids that cannot be mistaken for a count.
_FIRST_CONFIGURATION, _FIRST_BACKUP = 71, 301
_CREATED_AT = 1714641011.0  # 2024-05-02 09:10:11 UTC
PROVIDERS: tuple[Row, ...] = (
    {"id": 10, "name": "Wasabi Frankfurt", "provider": "wasabi", "email": None},
    {"id": 11, "name": "Team Drive", "provider": "gdrive", "email": "backups@example.org"},
    {"id": 12, "name": "ServerAvatar Storage", "provider": "serveravatar", "email": None},
)


def build_demo_world(folder: Path) -> None:
    """Build the demo world, nine servers with 28 applications, unless the folder has a world."""
    servers = tuple(ServerWish(**server) for server in DEMO_SERVERS)
    build_world(folder, WorldWish(servers=servers, volume=DEMO_VOLUME))


def build_fleet_world(
    folder: Path, *, servers: int, applications_per_server: int, tiny: bool = False, organizations: int = 1
) -> None:
    """Build a uniform world of any size, unless the folder has a world.

    Args:
        folder: the sandbox's folder.
        servers: number of servers.
        applications_per_server: number of applications on each.
        tiny: skip packing: each archive links to one file. For benchmarks.
        organizations: number of organizations that share the servers in turn; each has its own storage.
    """
    names = tuple(f"site-{number:03d}" for number in range(1, applications_per_server + 1))
    wishes = tuple(
        ServerWish(f"web-{number:04d}", names, ("fleet",), organization=ORGANIZATION_ID + (number - 1) % organizations)
        for number in range(1, servers + 1)
    )
    build_world(folder, WorldWish(servers=wishes, volume=SMALL_VOLUME, tiny=tiny))


def build_world(folder: Path, wish: WorldWish) -> None:
    """Write a world's files and state, unless the folder has a world.

    A build that was interrupted leaves no world and starts over.
    """
    with closing(State(folder)) as state:
        if state.recall(_BUILT) is not None:
            return
        shutil.rmtree(folder / SERVERS, ignore_errors=True)
        state.begin()
        for number in sorted({ORGANIZATION_ID, *(server.organization for server in wish.servers)}):
            _insert_organization(state, number, wish.organization)
        _build_servers(state, folder, wish)
        state.count_from("configurations", _FIRST_CONFIGURATION)
        state.count_from("backups", _FIRST_BACKUP)
        state.remember(_BUILT, {"tiny": wish.tiny})
        state.commit()


def has_world(folder: Path) -> bool:
    """Whether this folder has a complete world."""
    with closing(State(folder)) as state:
        return state.recall(_BUILT) is not None


def is_tiny(state: State) -> bool:
    """Whether the world was built for benchmarks, with archives that link to one file."""
    return bool(state.recall(_BUILT)["tiny"])


def describe(folder: Path) -> dict[str, Any]:
    """The world as plain lists and dicts, to write a fleet file from.

    Returns:
        `organization` {id, name}, the first; `servers` [{id, organization_id, name, tags, timezone, connected,
        disk_percent}];
        `applications` [{id, name, domain, server_id, database_id}]; `providers` [{id, name, provider}].
    """
    with closing(State(folder)) as state:
        servers = state.rows(
            "SELECT id, organization_id, name, tags, timezone, connected, "
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
    """Add an application with its files and database to a server of a running world.

    Args:
        folder: the sandbox's folder.
        state: its state.
        server: the row of the server.
        site: the application.

    Returns:
        The row of the application.
    """
    template = _Template(folder, WorldWish(servers=(), volume=SMALL_VOLUME))
    ids = state.next_id("applications"), state.next_id("databases")
    state.begin()
    _insert_application(state, template, server, site, ids)
    state.commit()
    return state.find("applications", id=ids[0]) or {}


def _insert_organization(state: State, organization: int, name: str) -> None:
    """Add an organization with its storage; further ones are numbered and have other storage ids."""
    further = organization - ORGANIZATION_ID
    state.insert(
        "organizations",
        id=organization,
        name=f"{name} {further + 1}" if further else name,
        description="Sites of the agency's clients",
        created_at=_CREATED_AT,
    )
    state.insert_all(
        "providers",
        ({**row, "id": row["id"] + len(PROVIDERS) * further, "organization_id": organization} for row in PROVIDERS),
    )


def _build_servers(state: State, folder: Path, wish: WorldWish) -> None:
    application_ids, database_ids = count(_FIRST_APPLICATION), count(_FIRST_DATABASE)
    template = _Template(folder, wish)
    for server_id, server in enumerate(wish.servers, start=_FIRST_SERVER):
        row = _insert_server(state, server_id, server)
        for name in server.applications:
            ids = next(application_ids), next(database_ids)
            site = Site(name, framework="wordpress" if ids[0] % 2 == 0 else "custom")
            _insert_application(state, template, row, site, ids)


def _insert_server(state: State, server_id: int, server: ServerWish) -> Row:
    state.insert(
        "servers",
        id=server_id,
        organization_id=server.organization,
        name=server.name,
        tags=json.dumps(server.tags),
        timezone=server.timezone,
        disk_total_gb=server.disk_total_gb,
        disk_used_gb=server.disk_used_gb,
        connected=server.connected,
        monitored=server.monitored,
        created_at=_CREATED_AT,
    )
    return {"id": server_id, "organization_id": server.organization, "name": server.name}


def _insert_application(state: State, template: "_Template", server: Row, site: Site, ids: tuple[int, int]) -> None:
    """Add one application with its database to a server; `ids` are those of both."""
    application_id, database_id = ids
    (path, size), (database_path, database_size) = template.write(server["name"], site.name)
    owner = {"organization_id": server["organization_id"], "server_id": server["id"], "created_at": _CREATED_AT}
    database = f"{site.name.replace('-', '_')}_db" if site.database is None else site.database
    if database:
        state.insert("databases", id=database_id, name=database, path=database_path, bytes=database_size, **owner)
    state.insert(
        "applications",
        id=application_id,
        database_id=database_id if database else None,
        name=site.name,
        domain=site.domain or f"{site.name}.{server['name']}.example.org",
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
