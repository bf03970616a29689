"""The sandbox as one ASGI application."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.answers.refusal import Refusal
from sandbox.api.guard import Guard
from sandbox.api.reading import reading_routes
from sandbox.api.writing import writing_routes
from sandbox.context import Context, context_of, open_context
from sandbox.control.routes import control_routes
from sandbox.settings import SandboxSettings
from sandbox.world.world import build_demo_world, has_world

_log = logging.getLogger("sandbox")


def create_app(settings: SandboxSettings) -> Starlette:
    """Assemble a sandbox on its folder; a folder without a world gets the demo world.

    Background work runs while the application's lifespan is open.
    """
    if not has_world(settings.folder):
        build_demo_world(settings.folder)
    context = open_context(settings)
    calls = [*reading_routes(), *writing_routes()]
    app = Starlette(
        routes=[*calls, *control_routes()],
        middleware=[Middleware(Guard, context=context, routes=calls)],
        exception_handlers={Refusal: _refused, HTTPException: _not_routed, Exception: _broken},
        lifespan=_lifespan,
    )
    app.router.redirect_slashes = False
    app.state.context = context
    return app


@asynccontextmanager
async def running_app(settings: SandboxSettings) -> AsyncIterator[Starlette]:
    """A sandbox without a socket, for in-process tests; its background work runs until the block ends."""
    app = create_app(settings)
    async with _lifespan(app):
        yield app


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    context: Context = app.state.context
    context.maker.resume()
    context.plans.skip_missed()
    keeper = asyncio.create_task(context.plans.keep())
    try:
        yield
    finally:
        keeper.cancel()
        with suppress(asyncio.CancelledError):
            await keeper
        await context.restorer.close()
        await context.maker.close()
        context.plans.save_clock()
        context.state.close()


async def _refused(request: Request, refusal: Exception) -> Response:
    """A refusal as JSON, in the sandbox's dialect."""
    if not isinstance(refusal, Refusal):
        raise refusal
    body = refusal.body()
    if context_of(request).dialect.full_stops:
        body["message"] = refusal.message.replace("not found!", "not found.")
    return JSONResponse(body, refusal.status)


async def _not_routed(request: Request, error: Exception) -> Response:
    """An unknown path or a wrong method, in Laravel's words."""
    if not isinstance(error, HTTPException):
        raise error
    route = request.url.path.strip("/")
    if error.status_code == 405:  # noqa: PLR2004 - HTTP's own number
        allowed = ", ".join(sorted((error.headers or {}).get("Allow", "").split(", ")))
        message = f"The {request.method} method is not supported for route {route}. Supported methods: {allowed}."
        return JSONResponse({"message": message}, 405, {"Allow": allowed})
    if error.status_code == 404:  # noqa: PLR2004 - HTTP's own number
        return JSONResponse({"message": f"The route {route} could not be found."}, 404)
    return JSONResponse({"message": error.detail}, error.status_code)


async def _broken(request: Request, error: Exception) -> Response:
    """An error of the sandbox itself: Laravel's answer to the client, the traceback to the log."""
    _log.error("%s %s", request.method, request.url.path, exc_info=error)
    return JSONResponse({"message": "Server Error"}, 500)
