"""The calls that read."""

from collections.abc import Callable, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.answers.pages import PageOf, laravel_page, read_page
from sandbox.answers.queries import Shown, backup_page, database_page, row_page
from sandbox.answers.refusal import Refusal
from sandbox.answers.rows import usage
from sandbox.backups.schedules import RETENTION_MONTHS, SCHEDULES
from sandbox.context import context_of
from sandbox.world.state import Row

ORGANIZATION = "/organizations/{organization}"
SERVER = ORGANIZATION + "/servers/{server}"

# The vendor's page sizes (serveravatar-api.md, "Reading calls"); the backup list's is the dialect's.
SERVERS_PAGE, LIST_PAGE, PROVIDERS_PAGE = 12, 10, 8
_EVERYTHING = 10**9

_DOWNLOAD_PARTS = {"filesystem": "application_path", "database": "database_path"}
BACKUP_NOT_FOUND = "Backup not found!"


async def organizations(request: Request) -> Response:
    """`GET /organizations`: all of them."""
    context = context_of(request)
    rows = context.state.rows("SELECT * FROM organizations ORDER BY id")
    return JSONResponse({"organizations": [context.rows.organization(row) for row in rows]})


async def organization(request: Request) -> Response:
    """`GET O`."""
    context = context_of(request)
    return JSONResponse({"organization": context.rows.organization_page(_organization(request))})


async def servers(request: Request) -> Response:
    """`GET O/servers`: a page of 12."""
    context, owner = context_of(request), _organization(request)
    now = context.maker.api_now()
    page = _page(request, SERVERS_PAGE)
    rows, total = row_page(context.state, "servers", "organization_id", owner["id"], page)
    return JSONResponse({"servers": _listed(request, page, [context.rows.server(row, now) for row in rows], total)})


async def server(request: Request) -> Response:
    """`GET S`."""
    context = context_of(request)
    return JSONResponse({"server": context.rows.server(_server(request), context.maker.api_now())})


async def server_usage(request: Request) -> Response:
    """`GET S/usage`."""
    return JSONResponse(usage(_server(request)))


async def summary(request: Request) -> Response:
    """`GET S/summary`: counts of everything."""
    state, row = context_of(request).state, _server(request)
    applications = state.number("SELECT count(*) FROM applications WHERE server_id = ?", row["id"])
    databases_ = state.number("SELECT count(*) FROM databases WHERE server_id = ?", row["id"])
    counts = {
        "system_users": applications,
        "applications": applications,
        "databases": databases_,
        "cronjobs": 0,
    }
    return JSONResponse({"summary": counts})


async def server_applications(request: Request) -> Response:
    """`GET S/applications`: a page of 10."""
    write = context_of(request).rows.application
    return _applications(request, "server_id", _server(request)["id"], write)


async def applications(request: Request) -> Response:
    """`GET O/applications`: a page of 10, with short rows unless the dialect has full ones."""
    write = context_of(request).rows.organization_application
    return _applications(request, "organization_id", _organization(request)["id"], write)


async def application(request: Request) -> Response:
    """`GET S/applications/{application}`."""
    context, row = context_of(request), _server(request)
    found = context.lookup.application(row["id"], request.path_params["application"])
    return JSONResponse(
        {
            "application": context.rows.application(found),
            "gitDeployment": None,
            "server": context.rows.server(row, context.maker.api_now()),
        }
    )


async def server_databases(request: Request) -> Response:
    """`GET S/databases?search=`: a page of 10."""
    return _databases(request, "server_id", _server(request)["id"])


async def databases(request: Request) -> Response:
    """`GET O/databases?search=`: a page of 10."""
    return _databases(request, "organization_id", _organization(request)["id"])


async def cloud_storage_providers(request: Request) -> Response:
    """`GET O/cloud-storage-providers`: a bare page of 8."""
    context, owner = context_of(request), _organization(request)
    page = _page(request, PROVIDERS_PAGE)
    rows, total = row_page(context.state, "providers", "organization_id", owner["id"], page)
    return JSONResponse(_listed(request, page, [context.rows.provider(row) for row in rows], total))


async def presets(request: Request) -> Response:
    """`GET S/backups/presets`."""
    _server(request)
    return JSONResponse(
        {
            "databases": None,
            "schedules": list(SCHEDULES),
            "retentionPeriod": list(RETENTION_MONTHS),
            "selectedDatabase": None,
        }
    )


async def backups(request: Request) -> Response:
    """`GET O/backups`: a bare page of 10; dialect and faults decide its order, delay and contents."""
    context, owner = context_of(request), _organization(request)
    dialect, now = context.dialect, context.maker.api_now()
    page = _page(request, dialect.page_size)
    late = context.conditions.late_seconds()
    shown = Shown(
        order=context.conditions.order(),
        until=now - late if late else None,
        alive_at=None if dialect.shows_expired else now,
        deleted=dialect.shows_deleted,
    )
    rows, total = backup_page(context.state, owner["id"], page, shown)
    return JSONResponse(_listed(request, page, [context.rows.backup(row) for row in rows], total))


async def download(request: Request) -> Response:
    """`GET O/backups/{backup}/{filesystem|database}/download`: a URL that expires after a minute."""
    context, owner = context_of(request), _organization(request)
    backup = context.lookup.backup(owner["id"], request.path_params["backup"], BACKUP_NOT_FOUND)
    column = _DOWNLOAD_PARTS.get(request.path_params["part"])
    if column is None or backup[column] is None:
        raise Refusal(404, BACKUP_NOT_FOUND)
    archive = context.folder / backup[column]
    signature = context.downloads.offer(archive)
    address = request.url_for("archive", file=archive.name).include_query_params(signature=signature)
    return JSONResponse({"temporaryUrl": str(address)})


def reading_routes() -> list[Route]:
    """All reading calls; a route's name is the name of its call."""
    paths: list[tuple[str, Callable[..., Any], str]] = [
        ("/organizations", organizations, "organizations"),
        (ORGANIZATION, organization, "organization"),
        (ORGANIZATION + "/servers", servers, "servers"),
        (ORGANIZATION + "/applications", applications, "applications"),
        (ORGANIZATION + "/databases", databases, "databases"),
        (ORGANIZATION + "/cloud-storage-providers", cloud_storage_providers, "cloud_storage_providers"),
        (ORGANIZATION + "/backups", backups, "backups"),
        (ORGANIZATION + "/backups/{backup}/{part}/download", download, "download"),
        (SERVER, server, "server"),
        (SERVER + "/usage", server_usage, "usage"),
        (SERVER + "/summary", summary, "summary"),
        (SERVER + "/applications", server_applications, "server_applications"),
        (SERVER + "/applications/{application}", application, "application"),
        (SERVER + "/databases", server_databases, "server_databases"),
        (SERVER + "/backups/presets", presets, "presets"),
    ]
    return [Route(path, endpoint, name=name, methods=["GET"]) for path, endpoint, name in paths]


def _organization(request: Request) -> Row:
    return context_of(request).lookup.organization(request.path_params["organization"])


def _server(request: Request) -> Row:
    lookup = context_of(request).lookup
    return lookup.server(_organization(request)["id"], request.path_params["server"])


def _applications(request: Request, owner: str, owner_id: int, write: Callable[[Row], Row]) -> Response:
    page = _page(request, LIST_PAGE)
    rows, total = row_page(context_of(request).state, "applications", owner, owner_id, page)
    return JSONResponse({"applications": _listed(request, page, [write(row) for row in rows], total)})


def _databases(request: Request, owner: str, owner_id: int) -> Response:
    context, page = context_of(request), _page(request, LIST_PAGE)
    search = request.query_params.get("search", "")
    rows, total = database_page(context.state, owner, owner_id, search, page)
    return JSONResponse({"databases": _listed(request, page, [context.rows.database(row) for row in rows], total)})


def _page(request: Request, size: int) -> PageOf:
    """The requested page; all rows if the dialect has plain lists."""
    if context_of(request).dialect.plain_lists:
        return PageOf(number=1, size=_EVERYTHING)
    return read_page(request.query_params.get("page"), size)


def _listed(request: Request, page: PageOf, rows: Sequence[Row], total: int) -> Any:  # noqa: ANN401 - JSON
    dialect = context_of(request).dialect
    if dialect.plain_lists:
        return list(rows)
    return laravel_page(rows, total, page, str(request.url.replace(query="")), dialect.totals)
