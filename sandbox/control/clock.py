"""The sandbox's own addresses for time: its clock, and the end of what runs in the background."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.answers.refusal import Refusal
from sandbox.api.guard import CONTROL
from sandbox.context import context_of
from sandbox.control.body import read_json


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


def clock_routes() -> list[Route]:
    """All of these addresses."""
    return [
        Route(CONTROL + "/clock", show_clock, methods=["GET"]),
        Route(CONTROL + "/clock", turn_clock, methods=["POST"]),
        Route(CONTROL + "/settle", settle, methods=["POST"]),
    ]
