"""The client: sends what `wire` builds, as fast as `pace` allows, and again where `retry` says so."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Final, Self

import httpx

from fleet.serveravatar.account import Account
from fleet.serveravatar.catalogue import Meaning
from fleet.serveravatar.connections import Connections
from fleet.serveravatar.errors import ApiError, ApiUnusableError
from fleet.serveravatar.pace import Pace, RateLimitHeaders, read_headers
from fleet.serveravatar.retry import TRANSIENT, RetryPolicy
from fleet.serveravatar.wire import REPEATABLE, Request, read_answer

LONGEST_LIMIT: Final = 900.0
"""Seconds that one request waits for the rate limit in a row before the limit is taken for lasting."""

Waiting = Callable[[str, float], None]
"""Told of a wait: for what, and for how many seconds."""
Before = Callable[[], Awaitable[None]]
"""Awaited right before a request leaves."""


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__


class Client:
    """Sends requests for one account within one event loop. An async context manager."""

    def __init__(
        self,
        account: Account,
        concurrency: int = 10,
        policy: RetryPolicy = RetryPolicy(),  # noqa: B008 - frozen
        waiting: Waiting = lambda _reason, _seconds: None,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare a client; nothing is sent yet.

        Args:
            account: where to and as whom.
            concurrency: how many requests are under way at most.
            policy: bounds for retrying reading calls.
            waiting: told when sending stops for a while.
            transport: in place of the network, for tests.
            clock: seconds that only grow, for tests.
        """
        self.calls: Counter[str] = Counter()
        self._account = account
        self._policy = policy
        self._waiting = waiting
        self._clock = clock
        self._pace = Pace(account.requests_per_minute, account.window, account.share)
        self._places = asyncio.Semaphore(concurrency)
        self._gate = asyncio.Lock()
        self._progress = asyncio.Event()
        self._unusable: str | None = None
        self._connections = Connections(account, transport)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._connections.close()

    @property
    def requests(self) -> int:
        """How many requests were sent."""
        return self.calls.total()

    async def send(self, request: Request, before: Before | None = None) -> Any:  # noqa: ANN401 - JSON of any shape
        """Send a request; a reading call again where that may help, and a 429 always when its time has come.

        Args:
            request: what to send.
            before: awaited when the budget and the concurrency have room, right before the request leaves; what it
                raises keeps the request from being sent.

        Returns:
            The JSON of the answer.

        Raises:
            ApiError: the answer is not an acceptance, and enough was tried.
            ApiUnusableError: no request of this run will fare better; nothing more is sent.
        """
        began, attempt, limited = self._clock(), 0, 0.0
        while True:
            try:
                return await self._send_once(request, before)
            except ApiError as error:
                if error.meaning is Meaning.RATE_LIMITED:
                    # At least a second each, so that an API that says "now" and never means it ends the run too.
                    limited += max(error.retry_after or 0.0, 1.0)
                    if limited > LONGEST_LIMIT:
                        raise self._stop(f"the API still answers 429 after {limited:.0f} s of waiting") from None
                    continue  # No failed attempt: the pace holds everything back until the API takes requests again.
                attempt += 1
                delay = None
                if request.call in REPEATABLE and error.meaning in TRANSIENT:
                    delay = self._policy.delay(attempt, self._clock() - began, random.random())  # noqa: S311
                if delay is None:
                    raise
                self._waiting(f"{error.message}; {request.call} again", delay)
                await asyncio.sleep(delay)

    async def _send_once(self, request: Request, before: Before | None) -> Any:  # noqa: ANN401 - JSON of any shape
        async with self._places:
            await self._take_room()
            headers = RateLimitHeaders()
            try:
                if before:
                    await before()
                self.calls[request.call] += 1
                response = await self._exchange(request)
                headers = read_headers(response.headers, time.time())
            finally:
                self._pace.answered(self._clock(), headers)
                self._progress.set()
        try:
            return read_answer(request.call, response.status_code, response.content)
        except ApiError as error:
            refusal = error
        # Outside the handler, so that the original, which may echo the token, is not chained to it.
        raise self._understood(refusal, headers)

    def _understood(self, error: ApiError, headers: RateLimitHeaders) -> ApiError | ApiUnusableError:
        """Act on what concerns every request: the limit, the token. Take the token out of the message."""
        message = self._scrubbed(error.message)
        if error.meaning is Meaning.TOKEN_REFUSED:
            return self._stop(
                f"the API refused the token: {message} (status {error.status}); check SERVERAVATAR_API_TOKEN"
            )
        seconds = None
        if error.meaning is Meaning.RATE_LIMITED:
            seconds = self._pace.refused(self._clock(), headers)
            self._waiting("the account's limit of requests (429)", seconds)
        return ApiError(error.call, error.meaning, message, error.status, seconds)

    async def _exchange(self, request: Request) -> httpx.Response:
        """Send one request and read its answer; errors of the connection say whether it may have been applied."""
        try:
            return await self._connections.exchange(request.method, request.path, request.query, request.body)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            meaning, what = Meaning.UNAVAILABLE, f"no connection to {self._account.url} ({_words(error)})"
        except (httpx.TransportError, httpx.DecodingError) as error:
            meaning, what = Meaning.IN_DOUBT, f"no answer, the connection was lost or timed out ({_words(error)})"
        # Outside the handlers, so that the original is not chained to it: that holds the request and so the token.
        raise ApiError(request.call, meaning, self._scrubbed(what))

    async def _take_room(self) -> None:
        """Hold the request back until the budget has room; in the order of asking, so that no herd forms."""
        async with self._gate:
            told = False
            while True:
                if self._unusable:
                    raise ApiUnusableError(self._unusable)
                self._progress.clear()
                delay = self._pace.delay(self._clock())
                if delay == 0:
                    self._pace.sent()
                    return
                if delay is not None and not told:
                    self._waiting(f"the next window of the budget ({self._pace.allowance} requests)", delay)
                    told = True
                try:
                    await asyncio.wait_for(self._progress.wait(), delay)
                except TimeoutError:
                    continue

    def _stop(self, reason: str) -> ApiUnusableError:
        self._unusable = self._unusable or reason
        return ApiUnusableError(self._unusable, was_sent=True)

    def _scrubbed(self, text: str) -> str:
        return text.replace(self._account.token, "**********")
