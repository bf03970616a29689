"""The client: sends what `wire` builds, as fast as the rate limit allows, and retries what `retry` allows."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from types import TracebackType
from typing import Any, Final, Protocol, Self

from fleet.serveravatar.account import Account
from fleet.serveravatar.answer import read_answer
from fleet.serveravatar.catalogue import Meaning
from fleet.serveravatar.errors import ApiError, ApiUnusableError
from fleet.serveravatar.http_client import HttpClient, Response, StaleError, Transport, since_boot
from fleet.serveravatar.rate_limit.budget import Budget, OwnBudget, Sent
from fleet.serveravatar.rate_limit.gate import Gate
from fleet.serveravatar.rate_limit.headers import RateLimitHeaders, read_headers
from fleet.serveravatar.rate_limit.pace import Cause, Hold, Pace
from fleet.serveravatar.rate_limit.rhythm import Rhythm
from fleet.serveravatar.retry import TRANSIENT, RetryPolicy
from fleet.serveravatar.wire import REPEATABLE, Call, Request

LONGEST_LIMIT: Final = 900.0
"""Seconds that one request waits for consecutive 429s before the run gives up."""
FRESH_SECONDS: Final = 15.0
"""How long what `before` allowed holds: a process that was stopped meanwhile may have lost its lease to another run."""
MOST_STALE: Final = 3
"""How often in a row what `before` allowed may be too old once there is a connection."""
SHORTEST_LIMIT: Final = 1.0
"""Seconds that one 429 counts as at least, so that an API that always answers "retry now" ends the run, too."""

PRIORITIES: Final = {
    **dict.fromkeys((Call.LIST_APPLICATIONS, Call.LIST_DATABASES, Call.LIST_PROVIDERS), 0),
    **dict.fromkeys((Call.CREATE_BACKUP, Call.UPDATE_PLAN), 1),
    Call.LIST_BACKUPS: 2,
}
"""The order in which waiting requests are sent: what decides whether a change is worth sending (while creates wait,
nothing else reads these lists), then the changes, the backup list, and (3) all other reading calls."""


class Waiting(Protocol):
    """Hears of each wait: its reason, its seconds, and the budget's rhythm where the budget is waited for."""

    def __call__(self, reason: str, seconds: float, rhythm: Rhythm | None = None, /) -> None:
        """Take note of it."""


Before = Callable[[], Awaitable[None]]
"""Awaited right before a request is sent."""
Heard = Callable[[Mapping[str, str], float], None]
"""Receives the headers of each response, and when it came, in epoch seconds of this machine's clock."""


class Client:
    """Sends requests for one account within one event loop. An async context manager."""

    def __init__(  # noqa: PLR0913 - what tests and the flow put in the place of the usual parts
        self,
        account: Account,
        concurrency: int = 10,
        *,
        policy: RetryPolicy = RetryPolicy(),  # noqa: B008 - frozen
        waiting: Waiting = lambda _reason, _seconds, _rhythm=None: None,
        transport: Transport | None = None,
        clock: Callable[[], float] = time.monotonic,
        budget: Budget | None = None,
        heard: Heard | None = None,
    ) -> None:
        """Prepare a client; nothing is sent yet.

        Args:
            account: where to and as whom.
            concurrency: maximum concurrent requests.
            policy: bounds for retrying reading calls.
            waiting: called when sending pauses.
            transport: replaces the network, for tests.
            clock: seconds of a monotonic clock, for tests.
            budget: decides when a request may be sent; by default one of this process alone.
            heard: receives the headers of each response.
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
        self._http = HttpClient(account, transport)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._gate.end()
        finally:
            try:
                await self._http.close()
            finally:
                await self._budget.close()

    @property
    def requests(self) -> int:
        """How many requests were sent."""
        return self.calls.total()

    @property
    def seconds_a_request(self) -> float:
        """Seconds per request that the budget allows."""
        return self._budget.window / self._budget.allowance

    async def send(self, request: Request, before: Before | None = None) -> Any:  # noqa: ANN401 - JSON of any shape
        """Send a request; retry a reading call within the policy's bounds, and any call after a 429.

        Args:
            request: what to send.
            before: awaited when the budget and the concurrency have room, right before the request is sent; an
                exception from it keeps the request from being sent.

        Returns:
            The JSON of the response.

        Raises:
            ApiError: the response is not an acceptance, and no retry is left.
            ApiUnusableError: no request of this run can succeed; nothing more is sent.
        """
        began, attempt, limited, stale = self._clock(), 0, 0.0, 0
        while True:
            try:
                return await self._send_once(request, before)
            except StaleError:  # Not sent: what `before` allowed may have changed while the process was stopped.
                self.calls[request.call] -= 1
                stale += 1
                if stale == MOST_STALE:
                    problem = f"not sent: no connection to {self._account.url} within {FRESH_SECONDS:.0f} s"
                    raise ApiError(request.call, Meaning.UNAVAILABLE, problem) from None
            except ApiError as error:
                if error.meaning is Meaning.RATE_LIMITED:  # Not a failed attempt: the gate waits before the next one.
                    limited += max(error.retry_after or 0.0, SHORTEST_LIMIT)
                    if limited > LONGEST_LIMIT:
                        raise self._stop(f"the API still answers 429 after {limited:.0f} s of waiting") from None
                    continue
                attempt += 1
                delay = self._retry_delay(error, request, attempt, began)
                if delay is None:
                    raise
                self._waiting(f"{error.message}; retrying {request.call}", delay)
                await asyncio.sleep(delay)

    def _retry_delay(self, error: ApiError, request: Request, attempt: int, began: float) -> float | None:
        if request.call not in REPEATABLE or error.meaning not in TRANSIENT:
            return None
        return self._policy.delay(attempt, self._clock() - began, random.random())  # noqa: S311

    async def _send_once(self, request: Request, before: Before | None) -> Any:  # noqa: ANN401 - JSON of any shape
        async with self._gate.passed(PRIORITIES.get(request.call, 3)) as sent:
            leaves_by = None
            if before:
                try:
                    await before()
                except BaseException:
                    self._budget.unsend(sent)
                    raise
                leaves_by = since_boot() + FRESH_SECONDS
            self.calls[request.call] += 1
            response, seconds = await self._exchange(request, sent, leaves_by)
        try:
            return read_answer(
                request.call, response.status, response.content, self._account.scrubbed, response.location
            )
        except ApiError as error:
            refusal = error
        # Raised outside the handler: the two errors would hold each other.
        raise self._understood(refusal, seconds)

    async def _exchange(self, request: Request, sent: Sent, leaves_by: float | None) -> tuple[Response, float | None]:
        """Send a request and account for its response, or for its absence; after a 429, the seconds to wait."""
        headers, refused, is_sent = RateLimitHeaders(), False, True
        try:
            response = await self._http.exchange(request, leaves_by)
            came_at = time.time()
            headers = read_headers(response.headers, came_at)
            if self._heard:
                self._heard(response.headers, came_at)
            refused = response.status == HTTPStatus.TOO_MANY_REQUESTS
        except StaleError:
            is_sent = False
            self._budget.unsend(sent)
            raise
        finally:
            if is_sent and not refused:
                self._budget.answered(sent, self._clock(), headers)
        return response, self._budget.refused(sent, self._clock(), headers) if refused else None

    def _understood(self, error: ApiError, seconds: float | None) -> ApiError | ApiUnusableError:
        """Act on what concerns every request: the limit, the token, the address."""
        if error.meaning is Meaning.TOKEN_REFUSED:
            return self._stop(
                f"the API refused the token: {error.message} (status {error.status}); check {self._account.source}"
            )
        if error.meaning is Meaning.MOVED:
            problem = f"{error.message}, which is not followed; check SERVERAVATAR_API_URL ({self._account.url})"
            return self._stop(problem, in_doubt=error.call not in REPEATABLE)
        if seconds is not None:
            self._held(Hold(seconds, Cause.LIMIT))
        return ApiError(error.call, error.meaning, error.message, error.status, seconds)

    def _held(self, hold: Hold) -> None:
        rhythm = Rhythm(self._budget.allowance, self._budget.window)
        words = hold.cause if hold.cause is Cause.LIMIT else f"{hold.cause} ({rhythm.allowance} requests)"
        self._waiting(words, hold.seconds or 0.0, rhythm)

    def _stop(self, reason: str, *, in_doubt: bool = False) -> ApiUnusableError:
        self._unusable = self._unusable or reason
        self._gate.close(lambda: ApiUnusableError(reason))
        return ApiUnusableError(self._unusable, was_sent=True, in_doubt=in_doubt)
