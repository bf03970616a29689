"""The sandbox's own address for the request log."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.api.guard import CONTROL
from sandbox.context import context_of


async def show_requests(request: Request) -> Response:
    """`GET /_sandbox/requests`: counts by call and status, and the latest requests."""
    return JSONResponse(context_of(request).requests.described())


async def clear_requests(request: Request) -> Response:
    """`DELETE /_sandbox/requests`: reset the counts and the log."""
    context_of(request).requests.clear()
    return await show_requests(request)


def request_routes() -> list[Route]:
    """All methods of this address."""
    return [
        Route(CONTROL + "/requests", show_requests, methods=["GET"]),
        Route(CONTROL + "/requests", clear_requests, methods=["DELETE"]),
    ]
