"""The reading calls that the stranger answers, each with the page size of serveravatar-api.md."""

from collections.abc import Callable

from starlette.requests import Request

from tests.e2e.stranger_lists import Row, application_rows, database_rows, usage_answer
from tests.e2e.stranger_rules import RETENTION_PERIODS, SCHEDULES
from tests.e2e.stranger_world import DISCONNECTED, Answer, World

Handler = Callable[[World, Request], Answer]
ORGANIZATION = "/organizations/{organization}"
SERVER = ORGANIZATION + "/servers/{server}"


def page(request: Request, rows: list[Row], size: int) -> Row:
    """One Laravel page of rows; a page beyond the last is empty, as Laravel's is."""
    number = max(1, int(request.query_params.get("page", "1")))
    last = max(1, -(-len(rows) // size))
    following = f"{request.url.path}?page={number + 1}" if number < last else None
    head = {"current_page": number, "per_page": size, "last_page": last, "total": len(rows), "path": "x"}
    data = rows[(number - 1) * size : number * size]
    return {**head, "data": data, "next_page_url": following, "links": [{"url": None, "active": False}]}


def organization_of(world: World, request: Request) -> int | None:
    """The organization of the path, or None when there is no such one."""
    known: list[int] = world.config["organizations"]
    return next((number for number in known if str(number) == request.path_params["organization"]), None)


def server_of(world: World, request: Request) -> Row | None:
    """The server of the path, or None when its organization has no such one."""
    rows = world.fleet_of(organization_of(world, request) or 0)
    return next((row for row in rows if str(row["id"]) == request.path_params["server"]), None)


def missing(world: World, request: Request) -> str | None:
    """The message about a path that names what is not there."""
    if "organization" in request.path_params and organization_of(world, request) is None:
        return "Organization not found!"
    if "server" in request.path_params and server_of(world, request) is None:
        return "Server not found!"
    return None


def _fleet(world: World, request: Request) -> list[Row]:
    if "server" in request.path_params:
        return [server_of(world, request) or {}]
    return world.fleet_of(organization_of(world, request) or 0)


def _organizations(world: World, _request: Request) -> Answer:
    rows = [{"id": number, "name": f"org {number}", "members": []} for number in world.config["organizations"]]
    return 200, {"organizations": rows}


def _organization(world: World, request: Request) -> Answer:
    return 200, {"organization": {"id": organization_of(world, request), "name": "org", "description": None}}


def _servers(world: World, request: Request) -> Answer:
    rows = world.server_rows(organization_of(world, request) or 0)
    return 200, {"servers": page(request, rows, 12) if request.query_params.get("pagination") else rows}


def _server(world: World, request: Request) -> Answer:
    rows = world.server_rows(organization_of(world, request) or 0)
    return 200, {"server": next(row for row in rows if str(row["id"]) == request.path_params["server"])}


def _usage(world: World, request: Request) -> Answer:
    server = server_of(world, request) or {}
    return (500, {"message": DISCONNECTED}) if server.get("state") == "dead" else (200, usage_answer(server))


def _applications(world: World, request: Request) -> Answer:
    cut = "server" not in request.path_params
    rows = [row for server in _fleet(world, request) for row in application_rows(server, cut=cut)]
    return 200, {"applications": page(request, rows, 10)}


def _databases(world: World, request: Request) -> Answer:
    search = request.query_params.get("search", "")
    rows = [row for server in _fleet(world, request) for row in database_rows(server) if search in row["name"]]
    return 200, {"databases": page(request, rows, 10)}


def _providers(world: World, request: Request) -> Answer:
    more = {"name": "store", "email": None, "region": "x"}
    return 200, page(request, [{**provider, **more} for provider in world.config["providers"]], 8)


def _presets(_world: World, _request: Request) -> Answer:
    return 200, {"databases": None, "schedules": SCHEDULES, "retentionPeriod": RETENTION_PERIODS}


def _backups(world: World, request: Request) -> Answer:
    return 200, page(request, world.backup_rows(organization_of(world, request) or 0), 10)


READING: dict[str, Handler] = {
    "/organizations": _organizations,
    ORGANIZATION: _organization,
    f"{ORGANIZATION}/servers": _servers,
    SERVER: _server,
    f"{SERVER}/usage": _usage,
    f"{SERVER}/backups/presets": _presets,
    f"{SERVER}/applications": _applications,
    f"{ORGANIZATION}/applications": _applications,
    f"{SERVER}/databases": _databases,
    f"{ORGANIZATION}/databases": _databases,
    f"{ORGANIZATION}/cloud-storage-providers": _providers,
    f"{ORGANIZATION}/backups": _backups,
}
