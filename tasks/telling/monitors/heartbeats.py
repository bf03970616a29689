"""Calls the heartbeat addresses: short timeouts, few retries, beside the event loop, and no address in any text.

With the standard library and not with httpx, which logs every address that it calls
(docs/decisions/0014-alarms-beside-the-run.md).
"""

import asyncio
import http.client
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from fleet.monitoring.heartbeat import Beat, Heartbeat, Ping, ping

PAUSES: Final = (1.0, 2.0)
"""Seconds before each retry."""
TIMEOUT_SECONDS: Final = 5.0
WORTH_A_RETRY: Final = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)


@dataclass(frozen=True, slots=True)
class Call:
    """One address that is being called; the result is why it was not reached, or None."""

    heartbeat: Heartbeat
    answer: Future[str | None]


def begin(heartbeats: Sequence[Heartbeat], beat: Beat, pauses: Sequence[float] = PAUSES) -> list[Call]:
    """Begin to call every address, all at once, and return."""
    requests = [(heartbeat, request) for heartbeat in heartbeats if (request := ping(heartbeat, beat))]
    return [_begin(heartbeat, request, pauses) for heartbeat, request in requests]


def _begin(heartbeat: Heartbeat, request: Ping, pauses: Sequence[float]) -> Call:
    """In a thread of its own, and a daemon: no process waits for a monitor at its end."""
    call = Call(heartbeat, Future())
    call.answer.set_running_or_notify_cancel()
    threading.Thread(target=lambda: call.answer.set_result(send(request, pauses)), daemon=True).start()
    return call


async def until_done(calls: Sequence[Call], seconds: float) -> list[str]:
    """Wait for calls, for this many seconds at most.

    Returns:
        A line for each address that was not reached.
    """
    answers = {asyncio.wrap_future(call.answer): call for call in calls}
    if not answers:
        return []
    await asyncio.wait(answers, timeout=seconds)
    problems = [(call, answer.result() if answer.done() else _no_answer(answer)) for answer, call in answers.items()]
    return [f"{call.heartbeat.label} was not notified: {problem}" for call, problem in problems if problem]


def _no_answer(answer: asyncio.Future[str | None]) -> str:
    answer.cancel()  # Its thread may outlive the event loop.
    return "no response in time"


def send(request: Ping, pauses: Sequence[float] = PAUSES, sleep: Callable[[float], None] = time.sleep) -> str | None:
    """Send a request, again after each pause where that may help.

    Returns:
        Why it did not arrive, without the address; None if it did.
    """
    problem = None
    for pause in (*pauses, None):
        problem, passing = _attempt(request)
        if not passing or pause is None:
            break
        sleep(pause)
    return problem


def _attempt(request: Ping) -> tuple[str | None, bool]:
    """Send it once; return what is wrong and whether a retry may help."""
    try:
        wanted = urllib.request.Request(request.url, data=request.body)  # noqa: S310 - fleet.monitoring.heartbeat takes http(s) alone
        with urllib.request.urlopen(wanted, timeout=TIMEOUT_SECONDS):  # noqa: S310 - the same
            return None, False
    except urllib.error.HTTPError as error:
        with error:
            passing = error.code >= HTTPStatus.INTERNAL_SERVER_ERROR or error.code in WORTH_A_RETRY
            return f"it answered {error.code}", passing
    except (
        OSError,
        http.client.HTTPException,
        ValueError,
    ) as error:  # The texts of the latter two may hold the address.
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        return (reason.strerror if isinstance(reason, OSError) else None) or type(reason).__name__, True
