"""The HTTP connections of a client: one for each request under way, each kept open for the next."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from fleet.serveravatar.account import Account, is_this_machine

TIMEOUTS: Final = httpx.Timeout(connect=10.0, read=60.0, write=30.0, pool=None)
"""Seconds. The pool has none: waiting for a place under `--concurrency` is no fault."""
KEPT_OPEN: Final = 3.0
"""Seconds that an idle connection is used again: less than servers keep it (5 is usual), since a create that meets a
connection which is just being closed is in doubt."""

DECIDED_BY_STATUS: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS})
"""What these say needs no body, so one that is lost puts nothing in doubt."""


class Connections:
    """Lends a connection to each request; the one that was used last is lent first, so few are opened.

    Each is a transport of httpx with a single connection. A pool of many asks the operating system about every idle one
    at every request, and httpx's client looks for cookies, redirects and authentication that this API has not: each
    costs more than is left of the request (docs/decisions/0011-speed-of-the-engine.md).
    """

    def __init__(self, account: Account, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """Prepare; nothing is opened yet.

        Args:
            account: where to and as whom.
            transport: in place of the network, for tests.
        """
        self._url = account.url
        self._headers = {
            "authorization": account.authorization,
            "accept": "application/json",
            "accept-encoding": "gzip",
            "user-agent": "fleet-backup",
        }
        self._extensions = {"timeout": TIMEOUTS.as_dict()}
        self._proxy = proxy_for(account.url)
        self._tls = httpx.create_ssl_context(trust_env=not is_this_machine(account.url))
        self._transport = transport
        self._idle: list[httpx.AsyncBaseTransport] = []

    def open(self) -> httpx.AsyncBaseTransport:
        """Make one more, outside of those that are lent; it connects with its first request."""
        limits = httpx.Limits(max_connections=1, keepalive_expiry=KEPT_OPEN)
        return self._transport or httpx.AsyncHTTPTransport(verify=self._tls, limits=limits, proxy=self._proxy)

    async def exchange(self, method: str, path: str, query: Mapping[str, int], body: object) -> httpx.Response:
        """Send one request and read its answer.

        Raises:
            httpx.HTTPError: there is none.
        """
        request = httpx.Request(
            method,
            self._url + path,
            params=query or None,
            headers=self._headers,
            json=body,
            extensions=self._extensions,
        )
        connection = self._idle.pop() if self._idle else self.open()
        try:
            return await _read(await connection.handle_async_request(request))
        finally:
            self._idle.append(connection)

    async def close(self) -> None:
        """Close what is idle: after the last request that is all of them."""
        while self._idle:
            await self._idle.pop().aclose()


async def _read(response: httpx.Response) -> httpx.Response:
    try:
        await response.aread()
    except (httpx.TransportError, httpx.DecodingError):
        if response.status_code not in DECIDED_BY_STATUS:
            raise
        return httpx.Response(response.status_code, headers=response.headers)
    finally:
        await response.aclose()
    return response


def proxy_for(url: str) -> str | None:
    """The proxy that the environment names for a URL; it is for the world outside, not for this machine.

    Source: the standard library's reading of `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY` and the like.
    """
    parts = urlsplit(url)
    if is_this_machine(url) or proxy_bypass(parts.netloc):
        return None
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    return proxy if not proxy or "://" in proxy else f"http://{proxy}"
