"""The client: sends what `wire` builds, as fast as `pace` allows, and again where `retry` says so."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from types import TracebackType
from typing import Any, Final, Protocol, Self
from urllib.parse import quote

import httpx

from fleet.serveravatar.account import Account
from fleet.serveravatar.answer import LONGEST_MESSAGE, read_answer
from fleet.serveravatar.catalogue import Meaning
from fleet.serveravatar.connections import Connections
from fleet.serveravatar.errors import ApiError, ApiUnusableError
from fleet.serveravatar.rate_limit.budget import Budget, OwnBudget
from fleet.serveravatar.rate_limit.gate import Gate
from fleet.serveravatar.rate_limit.headers import RateLimitHeaders, read_headers
from fleet.serveravatar.rate_limit.pace import Cause, Hold, Pace
from fleet.serveravatar.rate_limit.rhythm import Rhythm
from fleet.serveravatar.retry import TRANSIENT, RetryPolicy
from fleet.serveravatar.text import one_line
from fleet.serveravatar.wire import REPEATABLE, Call, Request

LONGEST_LIMIT: Final = 900.0
"""Seconds that one request waits for the rate limit in a row before the limit is taken for lasting."""

PRIORITIES: Final = {Call.CREATE_BACKUP: 0, Call.UPDATE_PLAN: 0, Call.LIST_BACKUPS: 1}
"""What goes first when requests wait: what changes something, then proofs and looks, then (2) what is only observed."""


class Waiting(Protocol):
    """Told of a wait: for what, for how many seconds, and of what rhythm the budget is when it is waited for."""

    def __call__(self, reason: str, seconds: float, rhythm: Rhythm | None = None, /) -> None:
        """Take note of it."""


HIDDEN: Final = "**********"
NEVER_CONNECTED: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.InvalidURL,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
"""What proves that a request did not leave; anything else may have been lost behind it."""

Before = Callable[[], Awaitable[None]]
"""Awaited right before a request leaves."""
Heard = Callable[[Mapping[str, str], float], None]
"""Told of the headers of each answer, and when it came, in epoch seconds of this machine's clock."""


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__


class Client:
    """Sends requests for one account within one event loop. An async context manager."""

    def __init__(  # noqa: PLR0913 - what tests and the flow put in the place of the usual parts
        self,
        account: Account,
        concurrency: int = 10,
        *,
        policy: RetryPolicy = RetryPolicy(),  # noqa: B008 - frozen
        waiting: Waiting = lambda _reason, _seconds, _rhythm=None: None,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
        budget: Budget | None = None,
        heard: Heard | None = None,
    ) -> None:
        """Prepare a client; nothing is sent yet.

        Args:
            account: where to and as whom.
            concurrency: how many requests are under way at most.
            policy: bounds for retrying reading calls.
            waiting: told when sending stops for a while.
            transport: in place of the network, for tests.
            clock: seconds that only grow, for tests.
            budget: says when a request may be sent; this process's own, if none is given.
            heard: told of the headers of each answer.
        """
        self.calls: Counter[str] = Counter()
        self._account = account
        self._policy = policy
        self._waiting = waiting
        self._clock = clock
        self._heard = heard
        self._budget = budget or OwnBudget(Pace(account.requests_per_minute, account.window, account.share))
        self._gate = Gate(self._budget, concurrency, self._held, clock)
        self._unusable: str | None = None
        self._connections = Connections(account, transport)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._gate.end()
        finally:
            try:
                await self._connections.close()
            finally:
                await self._budget.close()

    @property
    def requests(self) -> int:
        """How many requests were sent."""
        return self.calls.total()

    @property
    def seconds_a_request(self) -> float:
        """Seconds in which the budget gives one request."""
        return self._budget.window / self._budget.allowance

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
        async with self._gate.passed(PRIORITIES.get(request.call, 2)) as sent:
            if before:
                try:
                    await before()
                except BaseException:
                    self._budget.unsend(sent)
                    raise
            self.calls[request.call] += 1
            headers = RateLimitHeaders()
            refused = False
            try:
                response = await self._exchange(request)
                came_at = time.time()
                headers = read_headers(response.headers, came_at)
                if self._heard:
                    self._heard(response.headers, came_at)
                refused = response.status_code == HTTPStatus.TOO_MANY_REQUESTS
            finally:
                if not refused:
                    self._budget.answered(sent, self._clock(), headers)
            seconds = self._budget.refused(sent, self._clock(), headers) if refused else None
        location = response.headers.get("location", "")
        try:
            return read_answer(request.call, response.status_code, response.content, self._scrubbed, location)
        except ApiError as error:
            refusal = error
        raise self._understood(refusal, seconds)

    def _understood(self, error: ApiError, seconds: float | None) -> ApiError | ApiUnusableError:
        """Act on what concerns every request: the limit, the token, the address."""
        if error.meaning is Meaning.TOKEN_REFUSED:
            return self._stop(
                f"the API refused the token: {error.message} (status {error.status}); check SERVERAVATAR_API_TOKEN"
            )
        if error.meaning is Meaning.MOVED:
            problem = f"{error.message}, where nothing is sent; check SERVERAVATAR_API_URL ({self._account.url})"
            return self._stop(problem, in_doubt=error.call not in REPEATABLE)
        if seconds is not None:
            self._held(Hold(seconds, Cause.LIMIT))
        return ApiError(error.call, error.meaning, error.message, error.status, seconds)

    async def _exchange(self, request: Request) -> httpx.Response:
        """Send one request and read its answer; errors of the connection say whether it may have been applied."""
        try:
            return await self._connections.exchange(request.method, request.path, request.query, request.body)
        except NEVER_CONNECTED as error:
            meaning, what = Meaning.UNAVAILABLE, f"no connection to {self._account.url} ({_words(error)})"
        except (httpx.TransportError, httpx.DecodingError) as error:
            meaning, what = Meaning.IN_DOUBT, f"no answer, the connection was lost or timed out ({_words(error)})"
        # Outside the handlers, so that the original is not chained to it: that holds the request and so the token.
        raise ApiError(request.call, meaning, self._scrubbed(one_line(what))[:LONGEST_MESSAGE])

    def _held(self, hold: Hold) -> None:
        rhythm = Rhythm(self._budget.allowance, self._budget.window)
        words = hold.cause if hold.cause is Cause.LIMIT else f"{hold.cause} ({rhythm.allowance} requests)"
        self._waiting(words, hold.seconds or 0.0, rhythm)

    def _stop(self, reason: str, *, in_doubt: bool = False) -> ApiUnusableError:
        self._unusable = self._unusable or reason
        self._gate.close(lambda: ApiUnusableError(reason))
        return ApiUnusableError(self._unusable, was_sent=True, in_doubt=in_doubt)

    def _scrubbed(self, text: str) -> str:
        token = self._account.token
        return text.replace(token, HIDDEN).replace(quote(token, safe=""), HIDDEN)
