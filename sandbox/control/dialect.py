"""The sandbox's own address for its dialect, which can change while it runs."""

from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.answers.refusal import Refusal
from sandbox.api.guard import CONTROL
from sandbox.context import context_of
from sandbox.control.body import read_json
from sandbox.dialects.dialect import Dialect
from sandbox.dialects.presets import PRESETS
from sandbox.dialects.reading import read_dialect


async def show_dialect(request: Request) -> Response:
    """`GET /_sandbox/dialect`: the current value of every point, and all presets."""
    presets = {name: preset.line for name, preset in PRESETS.items()}
    return JSONResponse({"dialect": asdict(context_of(request).dialect), "presets": presets})


async def change_dialect(request: Request) -> Response:
    """`PATCH /_sandbox/dialect` `"nameless,shows_after=8"`, an object of points, or a list of both: change these.

    `PUT` resets all others to the documentation. A restart returns to the dialect of the command line.
    """
    given, context = await read_json(request), context_of(request)
    spoken = context.dialect if request.method == "PATCH" else Dialect()
    try:
        changed = read_dialect(given if isinstance(given, list) else [given], spoken)
    except ValueError as error:
        raise Refusal(422, str(error)) from None
    context.conditions.speaking.dialect = changed
    return await show_dialect(request)


def dialect_routes() -> list[Route]:
    """All methods of this address."""
    return [
        Route(CONTROL + "/dialect", show_dialect, methods=["GET"]),
        Route(CONTROL + "/dialect", change_dialect, methods=["PUT", "PATCH"]),
    ]
