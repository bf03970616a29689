"""The sandbox's own addresses for servers, and for applications, which come and go with their databases."""

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.answers.lookup import APPLICATION_NOT_FOUND, SERVER_NOT_FOUND
from sandbox.answers.refusal import Refusal
from sandbox.api.guard import CONTROL
from sandbox.context import context_of
from sandbox.control.body import columns_of, read_json
from sandbox.world.state import Row, State
from sandbox.world.wishes import Site
from sandbox.world.world import add_site

_NOBODY = 0
_SERVER_COLUMNS: dict[str, Any] = {
    "name": str,
    "tags": list,
    "connected": bool,
    "monitored": bool,
    "disk_used_gb": int | float,
    "disk_total_gb": int | float,
}
_COLUMNS: dict[str, Any] = {"name": str, "domain": str, "framework": str, "active": bool}
_CHANGED = _COLUMNS | {"server_id": int}
_NEW = _COLUMNS | {"database": str}


async def change_server(request: Request) -> Response:
    """`PATCH /_sandbox/servers/{server}`: `name`, `tags`, `connected`, `monitored`, `disk_used_gb`, `disk_total_gb`."""
    state, server_id = context_of(request).state, request.path_params["server"]
    given = columns_of(await read_json(request), _SERVER_COLUMNS)
    if "tags" in given:
        given["tags"] = json.dumps(given["tags"])
    if state.find("servers", id=server_id) is None:
        raise Refusal(404, SERVER_NOT_FOUND)
    state.update("servers", server_id, **given)
    return JSONResponse({"server": state.find("servers", id=server_id)})


async def make_application(request: Request) -> Response:
    """`POST /_sandbox/servers/{server}/applications`: `name`, and `domain`, `framework`, `active`, `database`.

    `database` names the database that is created with it; empty for none.
    """
    context = context_of(request)
    server = context.state.find("servers", id=request.path_params["server"])
    given = columns_of(await read_json(request), _NEW)
    if server is None:
        raise Refusal(404, SERVER_NOT_FOUND)
    if "name" not in given:
        raise Refusal(422, "name is required")
    made = add_site(context.folder, context.state, server, Site(**given))
    return JSONResponse({"application": made}, status_code=201)


async def change_application(request: Request) -> Response:
    """`PATCH /_sandbox/applications/{application}`: `name`, `domain`, `framework`, `active`, `server_id`.

    Another `server_id` moves it and its database there; earlier backups still name the old server.
    """
    state = context_of(request).state
    found = _application(request, state)
    given = columns_of(await read_json(request), _CHANGED)
    if "server_id" in given:
        given |= _move(state, found, given["server_id"])
    state.update("applications", found["id"], **given)
    return JSONResponse({"application": state.find("applications", id=found["id"])})


async def remove_application(request: Request) -> Response:
    """`DELETE /_sandbox/applications/{application}`, with its database; its backups still name it."""
    state = context_of(request).state
    found = _application(request, state)
    state.update("applications", found["id"], server_id=_NOBODY, organization_id=_NOBODY)
    if found["database_id"]:
        state.update("databases", found["database_id"], server_id=_NOBODY, organization_id=_NOBODY)
    return JSONResponse({"application": found})


def site_routes() -> list[Route]:
    """All of these addresses."""
    one = CONTROL + "/applications/{application:int}"
    return [
        Route(CONTROL + "/servers/{server:int}", change_server, methods=["PATCH"]),
        Route(CONTROL + "/servers/{server:int}/applications", make_application, methods=["POST"]),
        Route(one, change_application, methods=["PATCH"]),
        Route(one, remove_application, methods=["DELETE"]),
    ]


def _move(state: State, application: Row, server_id: int) -> Row:
    """Move an application's database, and return the application's new owner."""
    server = state.find("servers", id=server_id)
    if server is None:
        raise Refusal(404, SERVER_NOT_FOUND)
    owner: Row = {"server_id": server_id, "organization_id": server["organization_id"]}
    if application["database_id"]:
        state.update("databases", application["database_id"], **owner)
    return owner


def _application(request: Request, state: State) -> Row:
    found = state.find("applications", id=request.path_params["application"])
    if found is None or found["server_id"] == _NOBODY:
        raise Refusal(404, APPLICATION_NOT_FOUND)
    return found
