"""One HTTP request and its response, or whether a request without one may have been applied. All of httpx is here."""

import asyncio
import time
from collections.abc import AsyncIterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from http import HTTPStatus
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Final, cast

import httpx

from fleet.serveravatar.account import Account, is_this_machine
from fleet.serveravatar.answer import LONGEST_MESSAGE
from fleet.serveravatar.catalogue import Meaning
from fleet.serveravatar.errors import ApiError
from fleet.serveravatar.text import one_line
from fleet.serveravatar.untrusted.body import UnpackingError, read_body
from fleet.serveravatar.untrusted.exceeded import ExceededError
from fleet.serveravatar.wire import Request

Transport = httpx.AsyncBaseTransport
"""What stands in for the network in tests."""

TIMEOUTS: Final = httpx.Timeout(connect=10.0, read=60.0, write=30.0, pool=None)
"""Seconds. The pool has no timeout: waiting for a place under `--concurrency` is not a fault."""
LONGEST_EXCHANGE: Final = 120.0
"""Seconds for a whole exchange: a byte every minute would keep every other timeout waiting."""
KEPT_OPEN: Final = 3.0
"""Seconds an idle connection is reused for. Servers keep one for 5 s or longer; a create on a connection that is just
being closed is in doubt."""
_BOOT_CLOCK: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Linux alone has the first, which does not stop while the machine sleeps."""
DECIDED_BY_STATUS: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS})
"""These mean the same without a body, so losing the body puts nothing in doubt."""
NEVER_CONNECTED: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.InvalidURL,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
"""These prove that a request was not sent; after any other error it may have been applied."""


@dataclass(frozen=True)
class Response:
    """A response as it came.

    Attributes:
        status: the HTTP status.
        headers: their names in any case.
        content: the body, unpacked.
        location: where a redirect points to; empty otherwise.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes
    location: str


class StaleError(Exception):
    """The process was stopped between the moment it decided to send a request and the moment it would have left."""


class HttpClient:
    """Sends requests to the account's API and nowhere else: no redirect is followed, no cookie kept.

    TLS is verified. The environment's proxies are used, except to this machine.
    """

    def __init__(self, account: Account, transport: Transport | None = None) -> None:
        """Prepare; nothing is opened yet.

        Args:
            account: where to and as whom.
            transport: replaces the network, for tests.
        """
        self._account = account
        self._http = httpx.AsyncClient(
            headers={
                "authorization": account.authorization,
                "accept": "application/json",
                "accept-encoding": "gzip",
                "user-agent": "fleet-backup",
            },
            timeout=TIMEOUTS,
            limits=httpx.Limits(keepalive_expiry=KEPT_OPEN),  # The gate limits how many are in flight.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            event_hooks={"response": [_set_location_aside]},
            trust_env=not is_this_machine(account.url),
            transport=transport,
        )

    async def exchange(self, request: Request, leaves_by: float | None = None) -> Response:
        """Send one request and read its response.

        Args:
            request: what to send.
            leaves_by: it is not sent later, by `since_boot`; None: whenever it can be.

        Raises:
            StaleError: it was not sent in time, and not at all.
            ApiError: there is none. `UNAVAILABLE`: the request was not sent; `IN_DOUBT`: it may have been applied.
        """
        try:
            return await self._exchange(request, leaves_by)
        except NEVER_CONNECTED as error:
            meaning, what = Meaning.UNAVAILABLE, f"no connection to {self._account.url} ({_words(error)})"
        except (httpx.TransportError, httpx.DecodingError) as error:
            meaning, what = Meaning.IN_DOUBT, f"no response: the connection was lost or timed out ({_words(error)})"
        except TimeoutError:
            meaning, what = Meaning.IN_DOUBT, f"no complete response within {LONGEST_EXCHANGE:.0f} s"
        except (ExceededError, UnpackingError) as error:
            meaning, what = Meaning.IN_DOUBT, f"the response {error}"
        # Raised outside the handlers: a chained httpx error would hold the request, and with it the token.
        raise ApiError(request.call, meaning, self._account.scrubbed(one_line(what))[:LONGEST_MESSAGE])

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _exchange(self, request: Request, leaves_by: float | None) -> Response:
        url = self._account.url + request.path
        deadline = asyncio.get_running_loop().time() + LONGEST_EXCHANGE
        async with AsyncExitStack() as stack:
            async with asyncio.timeout_at(deadline):
                response = await stack.enter_async_context(
                    self._http.stream(
                        request.method,
                        url,
                        params=request.query or None,
                        json=request.body,
                        extensions=_leaving(leaves_by),
                    )
                )
            content, pieces = b"", cast("AsyncIterable[bytes]", response.stream)  # As they come, still packed.
            try:
                async with asyncio.timeout_at(deadline):
                    content = await read_body(pieces, response.headers.get("content-encoding", ""))
            except (httpx.TransportError, UnpackingError, ExceededError, TimeoutError):
                if response.status_code not in DECIDED_BY_STATUS:
                    raise
        return Response(response.status_code, response.headers, content, response.extensions.get("location", ""))


async def _set_location_aside(response: httpx.Response) -> None:
    """Take where a redirect points to out of the headers: httpx would resolve it, and fail on what is not a URL."""
    response.extensions["location"] = response.headers.pop("location", "")


def since_boot() -> float:
    """Seconds of a clock that goes on while the process is stopped and while the machine sleeps."""
    return time.clock_gettime(_BOOT_CLOCK)


def _leaving(by: float | None) -> dict[str, Any]:
    """Have httpx ask right before the first byte leaves, after it has waited for a connection."""
    if by is None:
        return {}

    async def trace(event: str, _: Mapping[str, Any]) -> None:
        if event == "http11.send_request_headers.started" and since_boot() > by:
            raise StaleError

    return {"trace": trace}


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
