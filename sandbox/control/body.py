"""Bodies sent to the sandbox's own addresses."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from sandbox.answers.refusal import Refusal


async def read_json(request: Request) -> Any:  # noqa: ANN401 - whatever JSON was sent
    """The body. Raises Refusal: 422."""
    try:
        return json.loads(await request.body())
    except ValueError:
        raise Refusal(422, "the body is not JSON") from None


def columns_of(given: object, kinds: Mapping[str, Any]) -> dict[str, Any]:
    """The columns to write, each of its type. Raises Refusal: 422."""
    if not isinstance(given, dict) or not given:
        raise Refusal(422, "the body must be an object")
    for name, value in given.items():
        kind = kinds.get(name)
        if kind is None or not isinstance(value, kind) or (kind is not bool and isinstance(value, bool)):
            raise Refusal(422, f"{name}: unknown field or wrong type: {value!r} (fields: {', '.join(kinds)})")
    return given
