"""The sandbox's own addresses: faults, clock, servers and the request log. They need no token."""

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from sandbox.answers.lookup import SERVER_NOT_FOUND
from sandbox.answers.refusal import Refusal
from sandbox.api.guard import ARCHIVES, CONTROL
from sandbox.context import context_of
from sandbox.control.backups import backup_routes
from sandbox.control.body import columns_of, read_json
from sandbox.control.dialect import dialect_routes
from sandbox.control.sites import site_routes
from sandbox.faults.faults import read_rule

_SERVER_COLUMNS: dict[str, Any] = {
    "name": str,
    "tags": list,
    "connected": bool,
    "monitored": bool,
    "disk_used_gb": int | float,
    "disk_total_gb": int | float,
}


async def show_faults(request: Request) -> Response:
    """`GET /_sandbox/faults`: the rules in force and how often each has fired."""
    return JSONResponse({"faults": context_of(request).faults.described()})


async def add_faults(request: Request) -> Response:
    """`POST /_sandbox/faults`: put one rule, or a list of rules, in force."""
    given = await read_json(request)
    try:
        rules = tuple(read_rule(rule) for rule in (given if isinstance(given, list) else [given]))
    except ValueError as error:
        raise Refusal(422, str(error)) from None
    context_of(request).faults.add(rules)
    return await show_faults(request)


async def clear_faults(request: Request) -> Response:
    """`DELETE /_sandbox/faults`: remove every rule."""
    context_of(request).faults.clear()
    return await show_faults(request)


async def show_clock(request: Request) -> Response:
    """`GET /_sandbox/clock`: the API's time, in seconds since the epoch."""
    return JSONResponse({"now": context_of(request).maker.api_now()})


async def turn_clock(request: Request) -> Response:
    """`POST /_sandbox/clock` `{"advance_seconds": n}`: starts what comes due."""
    given = await read_json(request)
    seconds = given.get("advance_seconds") if isinstance(given, dict) else None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0:
        raise Refusal(422, f"advance_seconds must be a number of seconds, 0 or more, not {seconds!r}")
    context = context_of(request)
    started = context.plans.advance(seconds)
    return JSONResponse({"now": context.maker.api_now(), "started": started})


async def settle(request: Request) -> Response:
    """`POST /_sandbox/settle`: answers once no backup and no restore is running."""
    await context_of(request).settle()
    return JSONResponse({"settled": True})


async def show_requests(request: Request) -> Response:
    """`GET /_sandbox/requests`: counts by call and status, and the latest requests."""
    return JSONResponse(context_of(request).requests.described())


async def clear_requests(request: Request) -> Response:
    """`DELETE /_sandbox/requests`: reset the counts and the log."""
    context_of(request).requests.clear()
    return await show_requests(request)


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


async def archive(request: Request) -> Response:
    """`GET /_archives/{file}?signature=`: the target of a download URL."""
    path = context_of(request).downloads.archive(request.query_params.get("signature", ""))
    if path is None or not path.is_file():
        raise Refusal(403, "This address is no longer valid.")
    return FileResponse(path, filename=path.name, media_type="application/octet-stream")


def control_routes() -> list[Route]:
    """All of the sandbox's own addresses."""
    return [
        Route(CONTROL + "/faults", show_faults, methods=["GET"]),
        Route(CONTROL + "/faults", add_faults, methods=["POST"]),
        Route(CONTROL + "/faults", clear_faults, methods=["DELETE"]),
        Route(CONTROL + "/clock", show_clock, methods=["GET"]),
        Route(CONTROL + "/clock", turn_clock, methods=["POST"]),
        Route(CONTROL + "/settle", settle, methods=["POST"]),
        Route(CONTROL + "/requests", show_requests, methods=["GET"]),
        Route(CONTROL + "/requests", clear_requests, methods=["DELETE"]),
        Route(CONTROL + "/servers/{server:int}", change_server, methods=["PATCH"]),
        *backup_routes(),
        *dialect_routes(),
        *site_routes(),
        Route(ARCHIVES + "/{file}", archive, methods=["GET"], name="archive"),
    ]
