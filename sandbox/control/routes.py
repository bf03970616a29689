"""All of the sandbox's own addresses. They need no token."""

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from sandbox.answers.refusal import Refusal
from sandbox.api.guard import ARCHIVES
from sandbox.context import context_of
from sandbox.control.backups import backup_routes
from sandbox.control.clock import clock_routes
from sandbox.control.dialect import dialect_routes
from sandbox.control.faults import fault_routes
from sandbox.control.requests import request_routes
from sandbox.control.sites import site_routes


async def archive(request: Request) -> Response:
    """`GET /_archives/{file}?signature=`: the target of a download URL."""
    path = context_of(request).downloads.archive(request.query_params.get("signature", ""))
    if path is None or not path.is_file():
        raise Refusal(403, "This address is no longer valid.")
    return FileResponse(path, filename=path.name, media_type="application/octet-stream")


def control_routes() -> list[Route]:
    """All of the sandbox's own addresses."""
    return [
        *fault_routes(),
        *clock_routes(),
        *request_routes(),
        *backup_routes(),
        *dialect_routes(),
        *site_routes(),
        Route(ARCHIVES + "/{file}", archive, methods=["GET"], name="archive"),
    ]
