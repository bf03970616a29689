"""Responses kept for a second reader: what two steps of a job read costs one request, and both see the same state."""

from typing import Any

from fleet.serveravatar.listing import Send
from fleet.serveravatar.wire import Request

_Key = tuple[str, tuple[tuple[str, int], ...]]


class Recording:
    """Sends requests, and keeps the responses for a second reader."""

    def __init__(self, send: Send) -> None:
        """Prepare.

        Args:
            send: sends a request and returns the JSON of the response.
        """
        self._send = send
        self._answers: dict[_Key, Any] = {}

    async def record(self, request: Request) -> Any:  # noqa: ANN401 - JSON, as every `Send` returns it
        """Send a request that reads, and keep its response in place of an earlier one."""
        answer = await self._send(request)
        self._answers[_key(request)] = answer
        return answer

    async def replay(self, request: Request) -> Any:  # noqa: ANN401 - JSON, as every `Send` returns it
        """Return the kept response once; a second call, made because the list has changed, gets a new one."""
        key = _key(request)
        return self._answers.pop(key) if key in self._answers else await self._send(request)


def _key(request: Request) -> _Key:
    return request.path, tuple(sorted(request.query.items()))
