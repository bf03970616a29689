"""Closes a connection without an answer, as a lost network does.

An ASGI application cannot do that by itself: uvicorn's protocol lends it the transport.
"""

import asyncio
from typing import Any

from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

_EXTENSION = "sandbox.drop"


class DroppableProtocol(H11Protocol):
    """uvicorn's HTTP/1.1, with a way for each request to abort its connection."""

    def __init__(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401 - uvicorn's own, passed on
        super().__init__(*arguments, **named)
        served = self.app

        async def with_drop(scope: Scope, receive: Receive, send: Send) -> None:
            extensions = {**(scope.get("extensions") or {}), _EXTENSION: self.transport.abort}
            await served({**scope, "extensions": extensions}, receive, send)

        self.app = with_drop


async def drop_connection(scope: Scope) -> None:
    """Close the connection of a request without an answer.

    Raises:
        ConnectionAbortedError: in process, where there is no connection to close; the client sees that.
    """
    abort = (scope.get("extensions") or {}).get(_EXTENSION)
    if abort is None:
        raise ConnectionAbortedError("the sandbox dropped the connection")
    abort()
    # One turn of the loop: the protocol notices the closed connection and expects no answer.
    await asyncio.sleep(0)
