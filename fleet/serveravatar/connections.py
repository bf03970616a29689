"""The HTTP connections of a client: one for each request under way, each kept open for the next."""

from collections.abc import Mapping
from typing import Any, Final

import httpx

from fleet.serveravatar.account import Account, is_this_machine

TIMEOUTS: Final = httpx.Timeout(connect=10.0, read=60.0, write=30.0, pool=None)
"""Seconds. The pool has none: waiting for a place under `--concurrency` is no fault."""
KEPT_OPEN: Final = 3.0
"""Seconds that an idle connection is used again: less than servers keep it (5 is usual), since a create that meets a
connection which is just being closed is in doubt."""


class Connections:
    """Lends a connection to each request; the one that was used last is lent first, so few are opened.

    Each is an `httpx.AsyncClient` of a single connection. A pool of many asks the operating system about every idle
    one at every request, which costs more than the request (docs/decisions/0011-speed-of-the-engine.md).
    """

    def __init__(self, account: Account, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """Prepare; nothing is opened yet.

        Args:
            account: where to and as whom.
            transport: in place of the network, for tests.
        """
        # A proxy of the environment is for the world outside.
        trust_env = not is_this_machine(account.url)
        self._options: dict[str, Any] = {
            "base_url": account.url,
            "headers": {"authorization": account.authorization, "accept": "application/json"},
            "timeout": TIMEOUTS,
            "limits": httpx.Limits(max_connections=1, keepalive_expiry=KEPT_OPEN),
            "follow_redirects": False,
            "transport": transport,
            "trust_env": trust_env,
            "verify": httpx.create_ssl_context(trust_env=trust_env),
        }
        self._idle: list[httpx.AsyncClient] = []

    def open(self) -> httpx.AsyncClient:
        """Make one more, outside of those that are lent; it connects with its first request."""
        return httpx.AsyncClient(**self._options)

    async def exchange(self, method: str, path: str, query: Mapping[str, int], body: object) -> httpx.Response:
        """Send one request and read its answer.

        Raises:
            httpx.HTTPError: there is none.
        """
        connection = self._idle.pop() if self._idle else self.open()
        try:
            return await connection.request(method, path, params=query or None, json=body)
        finally:
            self._idle.append(connection)

    async def close(self) -> None:
        """Close what is idle: after the last request that is all of them."""
        while self._idle:
            await self._idle.pop().aclose()
