"""The loop that `serve` gives to Prefect's runner: it waits for the server within bounds, without end."""

from collections.abc import Iterator

import httpx
import pytest
from prefect.exceptions import PrefectHTTPStatusError

from deployments.server.check import PrefectServerError
from deployments.serving.patience import LONGEST_SECONDS, Patience, patient, polls

pytestmark = pytest.mark.anyio
URL = "http://127.0.0.1:4200/api"


class OverError(BaseException):
    """Ends the loop, which nothing else does."""


class Server:
    """Answers a poll each time: with an error, or with None."""

    def __init__(self, answers: list[Exception | None]) -> None:
        self.answers: Iterator[Exception | None] = iter(answers)
        self.waits: list[float] = []
        self.said: list[str] = []

    async def poll(self) -> None:
        answer = next(self.answers, OverError())
        if answer is not None:
            raise answer

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)


def status(code: int) -> PrefectHTTPStatusError:
    request = httpx.Request("POST", URL)
    return PrefectHTTPStatusError("it", request=request, response=httpx.Response(code, request=request))


async def after(*answers: Exception | None) -> Server:
    server = Server(list(answers))
    with pytest.raises(OverError):
        await Patience(URL, server.said.append, server.sleep).loop(server.poll, 10, jitter_range=0.3, backoff=1)
    return server


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (status(500), "500 Internal Server Error"),
        (status(404), "404 Not Found"),
        (status(599), "599"),
        (httpx.ConnectError("it"), "ConnectError"),
        (RuntimeError("it"), "RuntimeError"),
    ],
    ids=["500", "404", "unknown", "no connection", "anything"],
)
async def test_a_server_that_fails_for_long_is_waited_for_and_both_ends_are_reported_once(
    error: Exception, reason: str
) -> None:
    server = await after(None, *[error] * 50, None, None)
    assert server.said == [
        f"The Prefect server at {URL} fails ({reason}). Waiting for it; runs continue.",
        f"The Prefect server at {URL} responds again.",
    ]
    assert server.waits == [10, 20, 40, *[LONGEST_SECONDS] * 48, 10, 10]


async def test_two_loops_report_one_outage_once() -> None:
    said: list[str] = []
    both = Patience(URL, said.append)
    both._failed("runs", status(500))
    both._failed("cancellations", status(500))
    both._worked("runs")
    assert len(said) == 1
    both._worked("cancellations")
    assert len(said) == 2


@pytest.mark.parametrize("code", [401, 403])
async def test_a_server_that_refuses_the_password_is_not_waited_for(code: int) -> None:
    server = Server([status(code)])
    waiting = Patience(URL, server.said.append, server.sleep)
    with pytest.raises(PrefectServerError, match="refuses access: PREFECT_API_AUTH_STRING must equal"):
        await waiting.loop(server.poll, 10)
    assert waiting.refused is not None


def test_the_loops_of_prefect_s_runner_are_replaced_and_given_back() -> None:
    theirs = {module.__name__: vars(module)["critical_service_loop"] for module in polls()}
    assert len(theirs) == 2, "one for due runs, one for runs to cancel: where has Prefect moved them?"
    waiting = Patience(URL, print)
    with patient(waiting):
        assert all(vars(module)["critical_service_loop"] == waiting.loop for module in polls())
    assert {module.__name__: vars(module)["critical_service_loop"] for module in polls()} == theirs
