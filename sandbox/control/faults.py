"""The sandbox's own address for faults: what fails, and how often it has."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.answers.refusal import Refusal
from sandbox.api.guard import CONTROL
from sandbox.context import context_of
from sandbox.control.body import read_json
from sandbox.faults.faults import read_rule


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


def fault_routes() -> list[Route]:
    """All methods of this address."""
    return [
        Route(CONTROL + "/faults", show_faults, methods=["GET"]),
        Route(CONTROL + "/faults", add_faults, methods=["POST"]),
        Route(CONTROL + "/faults", clear_faults, methods=["DELETE"]),
    ]
