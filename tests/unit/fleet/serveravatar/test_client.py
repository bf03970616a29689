"""The client: what is sent, how often, how many at once, and what is never told."""

import asyncio
import json
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from fleet.serveravatar import wire
from fleet.serveravatar.account import Account
from fleet.serveravatar.answer import LONGEST_MESSAGE
from fleet.serveravatar.catalogue import Meaning
from fleet.serveravatar.client import LONGEST_LIMIT, Client
from fleet.serveravatar.errors import ApiError, ApiUnusableError, UnexpectedAnswerError
from fleet.serveravatar.http_client import StaleError
from fleet.serveravatar.rate_limit.rhythm import Rhythm
from fleet.serveravatar.retry import RetryPolicy
from tests.unit.fleet.serveravatar.model_api import ModelApi

pytestmark = pytest.mark.anyio

TOKEN = "secret-token-0123456789"
READ = wire.list_backups(5)
CREATE = wire.create_backup(5, 15, {"type": "filesystem"})
EMPTY = {"data": [], "last_page": 1}
STARTED = {"message": "Backup Process has been started successfully!"}
WENT_WRONG = {"message": "Something went really wrong!"}

Answer = httpx.Response | Exception


class Api:
    """In place of the network: answers in order, the last one again and again."""

    def __init__(self, *answers: Answer | Callable[[httpx.Request], Answer], latency: float = 0.0) -> None:
        self.requests: list[httpx.Request] = []
        self.times: list[float] = []
        self.under_way = self.most_under_way = 0
        self._answers = list(answers)
        self._latency = latency

    async def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        self.times.append(asyncio.get_running_loop().time())
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        await asyncio.sleep(self._latency)
        self.under_way -= 1
        answer = self._answers[0] if len(self._answers) == 1 else self._answers.pop(0)
        if callable(answer):
            answer = answer(request)
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


class Told(list[tuple[str, float]]):
    def __call__(self, reason: str, seconds: float, _rhythm: Rhythm | None = None, /) -> None:
        self.append((reason, seconds))


def client(api: Api, *, told: Told | None = None, concurrency: int = 10, **account: Any) -> Client:
    fields: dict[str, Any] = {"url": "https://api.example.org", "token": TOKEN, "requests_per_minute": 6000}
    return Client(
        Account(**(fields | account)),
        concurrency,
        policy=RetryPolicy(attempts=4, seconds=100),
        waiting=told if told is not None else Told(),
        transport=httpx.MockTransport(api.answer),
        clock=asyncio.get_running_loop().time,
    )


def ok(value: object = None, **headers: str) -> httpx.Response:
    return answered(200, EMPTY if value is None else value, **headers)


def fine(request: httpx.Request) -> httpx.Response:
    """What each kind of call wants to hear."""
    return ok() if request.method == "GET" else ok(STARTED)


def answered(status: int, value: object, **headers: str) -> httpx.Response:
    return httpx.Response(status, json=value, headers={name.replace("_", "-"): text for name, text in headers.items()})


# What is sent.


async def test_a_reading_call_as_it_is_sent() -> None:
    api = Api(ok())
    async with client(api) as sender:
        assert await sender.send(READ) == EMPTY
    (request,) = api.requests
    assert (request.method, str(request.url)) == (
        "GET",
        "https://api.example.org/organizations/5/backups?page=1",
    )
    assert request.headers["authorization"] == TOKEN
    assert request.headers["accept"] == "application/json"
    assert request.content == b""


async def test_the_headers_of_each_answer_are_heard_also_of_a_refusal() -> None:
    api = Api(ok(date="Tue, 24 Nov 2026 12:00:00 GMT"), answered(404, {"message": "Organization not found!"}, date="x"))
    heard: list[str | None] = []
    sender = client(api)
    sender._heard = lambda headers, came_at: heard.append(headers.get("date") if came_at > 0 else None)
    async with sender:
        await sender.send(READ)
        with pytest.raises(ApiError):
            await sender.send(READ)
    assert heard == ["Tue, 24 Nov 2026 12:00:00 GMT", "x"]


async def test_a_create_as_it_is_sent() -> None:
    api = Api(ok({"message": "Backup Process has been started successfully!"}))
    async with client(api, scheme="bearer") as sender:
        assert await sender.send(CREATE) == {"message": "Backup Process has been started successfully!"}
        assert (sender.requests, dict(sender.calls)) == (1, {"create backup": 1})
    (request,) = api.requests
    assert (request.method, str(request.url)) == ("POST", "https://api.example.org/organizations/5/servers/15/backups")
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert request.headers["content-type"] == "application/json"
    assert json.loads(request.content) == {"type": "filesystem"}


# Retrying.


@pytest.mark.parametrize(
    "fault",
    [
        answered(500, WENT_WRONG),
        answered(500, {"message": "anything"}),
        answered(502, {}),
        answered(503, {"message": "Service Unavailable"}),
        answered(504, {}),
        answered(408, {}),
        httpx.Response(403, text="<html>Just a moment...</html>"),
        httpx.Response(404, text="<html>"),
        httpx.Response(520, text="<html>"),
        answered(200, WENT_WRONG),
        answered(200, {"message": "Too Many Attempts."}),
        answered(200, {"message": "Maintenance", "data": []}),
        httpx.Response(200, text="<html>"),
        httpx.ConnectError("refused"),
        httpx.ConnectTimeout("slow"),
        httpx.ReadTimeout("slow"),
        httpx.ReadError("lost"),
        httpx.RemoteProtocolError("cut off"),
    ],
)
async def test_a_reading_call_is_sent_again_after_a_passing_fault(fault: Answer) -> None:
    api, told = Api(fault, fault, ok()), Told()
    async with client(api, told=told) as sender:
        assert await sender.send(READ) == EMPTY
        assert sender.requests == 3
    assert [reason.rpartition("; ")[2] for reason, _ in told] == ["retrying list backups"] * 2
    assert 0.5 <= api.times[1] - api.times[0] <= 1
    assert 1 <= api.times[2] - api.times[1] <= 2


@pytest.mark.parametrize("fault", [answered(500, WENT_WRONG), httpx.ConnectError("refused")])
async def test_a_reading_call_is_sent_as_often_as_its_bounds_allow(fault: Answer) -> None:
    api = Api(fault)
    async with client(api) as sender:
        with pytest.raises(ApiError):
            await sender.send(READ)
    assert len(api.requests) == 4


async def test_a_reading_call_is_given_up_when_its_time_is_over() -> None:
    api = Api(answered(504, {}), latency=60.0)
    async with client(api) as sender:
        with pytest.raises(ApiError):
            await sender.send(READ)
    assert len(api.requests) == 2


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 422])
async def test_a_refusal_of_a_reading_call_is_final(status: int) -> None:
    api = Api(answered(status, {"message": "no"}))
    async with client(api) as sender:
        with pytest.raises(ApiError):
            await sender.send(READ)
    assert len(api.requests) == 1


@pytest.mark.parametrize(
    ("fault", "meaning"),
    [
        (answered(500, WENT_WRONG), Meaning.IN_DOUBT),
        (answered(500, {"message": "Invalid schedule!"}), Meaning.REFUSED),
        (answered(502, {}), Meaning.GATEWAY),
        (answered(503, {}), Meaning.GATEWAY),
        (answered(503, {"message": "Service Unavailable"}), Meaning.GATEWAY),
        (httpx.Response(403, text="<html>"), Meaning.GATEWAY),
        (httpx.Response(404, text="<html>"), Meaning.GATEWAY),
        (answered(403, {"message": "This action is unauthorized."}), Meaning.FORBIDDEN),
        (answered(200, {"message": "Server not found!"}), Meaning.IN_DOUBT),
        (answered(200, []), Meaning.IN_DOUBT),
        (httpx.Response(204), Meaning.IN_DOUBT),
        (httpx.ProxyError("403 Forbidden"), Meaning.UNAVAILABLE),
        (httpx.Response(200, text="<html>"), Meaning.IN_DOUBT),
        (httpx.ConnectError("refused"), Meaning.UNAVAILABLE),
        (httpx.ConnectTimeout("slow"), Meaning.UNAVAILABLE),
        (httpx.ReadTimeout("slow"), Meaning.IN_DOUBT),
        (httpx.WriteTimeout("slow"), Meaning.IN_DOUBT),
        (httpx.ReadError("lost"), Meaning.IN_DOUBT),
        (httpx.WriteError("lost"), Meaning.IN_DOUBT),
        (httpx.CloseError("lost"), Meaning.IN_DOUBT),
        (httpx.RemoteProtocolError("cut off"), Meaning.IN_DOUBT),
        (httpx.DecodingError("broken"), Meaning.IN_DOUBT),
    ],
)
async def test_a_create_is_never_sent_again_by_the_client(fault: Answer, meaning: Meaning) -> None:
    api = Api(fault)
    async with client(api) as sender:
        with pytest.raises(ApiError) as caught:
            await sender.send(CREATE)
    assert caught.value.meaning is meaning
    assert len(api.requests) == 1


# The address.


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("request_", [READ, CREATE], ids=["read", "create"])
async def test_a_redirect_is_not_followed_and_ends_the_run(status: int, request_: wire.Request) -> None:
    location = f"https://me:secret@elsewhere.example.org/{TOKEN}/x?token={TOKEN}"
    api = Api(httpx.Response(status, headers={"location": location}))
    async with client(api) as sender:
        with pytest.raises(ApiUnusableError) as caught:
            await sender.send(request_)
        with pytest.raises(ApiUnusableError):
            await sender.send(READ)
    assert caught.value.reason == (
        f"the API answered {status} and redirects to https://elsewhere.example.org/**********/x, "
        "which is not followed; check SERVERAVATAR_API_URL (https://api.example.org)"
    )
    # A create that was redirected may have been applied all the same.
    assert (caught.value.was_sent, caught.value.in_doubt) == (True, request_ is CREATE)
    assert [request.url.host for request in api.requests] == ["api.example.org"]


@pytest.mark.parametrize("location", ["/login", "https://[", "x" * 5000, "\x1b[31m", "https://x.org/\u202e"])
async def test_where_a_redirect_points_to_is_shown_as_far_as_it_can_be_read(location: str) -> None:
    api = Api(httpx.Response(302, headers=[(b"location", location.encode())]))
    async with client(api) as sender:
        with pytest.raises(ApiUnusableError, match="check SERVERAVATAR_API_URL") as caught:
            await sender.send(READ)
    assert caught.value.reason.isprintable()
    assert len(caught.value.reason) < 400


@pytest.mark.parametrize("answer", [httpx.Response(200, text="<html>"), httpx.Response(404, text="<html>")])
async def test_a_page_in_the_place_of_a_list_names_the_setting(answer: httpx.Response) -> None:
    async with client(Api(answer)) as sender:
        with pytest.raises(ApiError, match="SERVERAVATAR_API_URL may be wrong"):
            await sender.send(READ)


# The limit.


def limited(**headers: str) -> httpx.Response:
    return answered(429, {"message": "Too Many Attempts."}, **headers)


@pytest.mark.parametrize("request_", [READ, CREATE], ids=["read", "create"])
async def test_a_429_is_waited_for_as_long_as_the_api_says_and_is_no_attempt(request_: wire.Request) -> None:
    api, told = Api(*[limited(retry_after="37")] * 10, fine), Told()
    async with client(api, told=told) as sender:
        assert await sender.send(request_) == (EMPTY if request_ is READ else STARTED)
    gaps = [after - before for before, after in zip(api.times, api.times[1:], strict=False)]
    assert gaps == [pytest.approx(37, abs=0.5)] * 10
    assert min(gaps) >= 37
    assert "the account's rate limit (429)" in {reason for reason, seconds in told if 37 <= seconds < 37.5}


async def test_during_a_429_nothing_else_is_sent_either() -> None:
    api = Api(limited(retry_after="37"), fine)
    async with client(api) as sender:
        await sender.send(READ)
        first = asyncio.create_task(sender.send(CREATE))
        await asyncio.gather(first, *(sender.send(READ) for _ in range(5)))
    assert all(time >= 37 for time in api.times[1:])


async def test_a_limit_that_does_not_end_ends_the_run() -> None:
    api = Api(limited(retry_after="300"))
    async with client(api) as sender:
        with pytest.raises(ApiUnusableError, match="the API still answers 429"):
            await sender.send(READ)
        with pytest.raises(ApiUnusableError):
            await sender.send(CREATE)
    assert len(api.requests) == LONGEST_LIMIT // 300


async def test_a_wait_that_is_too_long_is_not_begun() -> None:
    api = Api(limited(retry_after="86400"))
    async with client(api) as sender:
        with pytest.raises(ApiUnusableError):
            await sender.send(READ)
        assert asyncio.get_running_loop().time() < 1


async def test_a_limit_that_ends_at_once_and_never_ends_the_run_as_well() -> None:
    api = Api(limited(retry_after="0"))
    async with client(api) as sender:
        with pytest.raises(ApiUnusableError, match="the API still answers 429"):
            await sender.send(READ)
    assert len(api.requests) <= LONGEST_LIMIT + 1


async def test_the_budget_holds_back_what_would_be_too_much_and_says_so() -> None:
    api, told = Api(ok()), Told()
    async with client(api, told=told, requests_per_minute=10, share=1.0) as sender:
        await asyncio.gather(*(sender.send(READ) for _ in range(25)))
    assert [sum(1 for time in api.times if low <= time < low + 60) for low in (0, 60, 120)] == [10, 10, 5]
    assert {reason for reason, seconds in told if 60 <= seconds < 60.1} == {"the next rate limit window (10 requests)"}


@pytest.mark.parametrize("with_headers", [True, False])
async def test_windows_are_used_to_the_full_and_nothing_is_refused(with_headers: bool) -> None:
    model = ModelApi(30, with_headers, length=4.0)

    def limiter(_: httpx.Request) -> httpx.Response:
        accepted, told = model.receive(asyncio.get_running_loop().time())
        headers = {"x-ratelimit-limit": str(told.limit), "x-ratelimit-remaining": str(told.remaining)}
        return answered(200 if accepted else 429, EMPTY, **(headers if with_headers else {}))

    api = Api(limiter, latency=0.02)
    async with client(api, requests_per_minute=30, window=4.0, share=1.0) as sender:
        await asyncio.gather(*(sender.send(READ) for _ in range(150)))
    assert model.refused == []
    assert asyncio.get_running_loop().time() <= 4 * 4.0 * 1.15


async def test_creates_are_sent_before_what_is_only_observed() -> None:
    api = Api(fine)
    async with client(api, requests_per_minute=1, share=1.0) as sender:
        await sender.send(READ)
        requests = [wire.list_servers(5), READ, CREATE]
        await asyncio.gather(*(sender.send(request) for request in requests))
    assert [request.url.path.rsplit("/", 1)[-1] for request in api.requests[1:]] == ["backups", "backups", "servers"]
    assert [request.method for request in api.requests[1:]] == ["POST", "GET", "GET"]


# The token.


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (answered(401, {"message": "Unauthenticated."}), "Unauthenticated. (status 401)"),
        (answered(200, {"message": "Unauthenticated."}), "Unauthenticated. (status 200)"),
        (answered(200, {"message": "Invalid token", "data": []}), "Invalid token (status 200)"),
        (httpx.Response(401, text="<html>"), "the API answered 401 without a message (status 401)"),
    ],
)
async def test_a_refused_token_stops_everything_after_it(answer: httpx.Response, words: str) -> None:
    api = Api(answer)
    async with client(api, concurrency=1) as sender:
        failed = await asyncio.gather(
            *(sender.send(request) for request in [READ, CREATE] * 50), return_exceptions=True
        )
    assert {type(error) for error in failed} == {ApiUnusableError}
    assert {str(error) for error in failed} == {f"the API refused the token: {words}; check SERVERAVATAR_API_TOKEN"}
    assert len(api.requests) == 1


async def test_a_403_is_about_its_request_and_stops_no_other() -> None:
    """Whether it is the token, all organizations of a run together decide (`fleet.observed.access`)."""
    forbidden = answered(403, {"message": "This action is unauthorized."})
    api = Api(lambda request: forbidden if "/organizations/6/" in request.url.path else fine(request))
    async with client(api) as sender:
        for request_ in (wire.list_backups(6), wire.create_backup(6, 15, {}), wire.update_plan(6, 15, 1, {})):
            with pytest.raises(ApiError) as caught:
                await sender.send(request_)
            assert caught.value.meaning is Meaning.FORBIDDEN
        assert [await sender.send(READ), await sender.send(CREATE)] == [EMPTY, STARTED]
    assert len(api.requests) == 5


def chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


@pytest.mark.parametrize("request_", [READ, CREATE], ids=["read", "create"])
@pytest.mark.parametrize(
    "fault",
    [
        lambda request: answered(200, {"message": request.headers["authorization"], "success": False}),
        lambda request: answered(403, {"message": request.headers["authorization"]}),
        lambda request: httpx.Response(302, headers={"location": f"/{request.headers['authorization']}"}),
        lambda request: answered(500, {"message": f"the header was {request.headers['authorization']}"}),
        lambda request: answered(404, {"message": f"{request.headers['authorization']} not found"}),
        lambda request: answered(401, {"message": f"bad token {request.headers['authorization']}"}),
        lambda request: answered(429, {"message": request.headers["authorization"]}, retry_after="86400"),
        lambda request: answered(422, {"message": "x", "errors": {"a": [request.headers["authorization"]]}}),
        lambda request: httpx.ConnectError(f"cannot send {request.headers['authorization']}", request=request),
        lambda request: httpx.ReadError(f"lost {request.headers['authorization']}", request=request),
        lambda request: httpx.Response(200, text=request.headers["authorization"]),
    ],
)
@pytest.mark.parametrize("scheme", ["token", "bearer"])
async def test_no_error_holds_the_token_even_if_the_api_echoes_it(
    request_: wire.Request, fault: Callable[[httpx.Request], Answer], scheme: str
) -> None:
    told = Told()
    async with client(Api(fault), told=told, scheme=scheme) as sender:
        with pytest.raises((ApiError, ApiUnusableError)) as caught:
            await sender.send(request_)
    for error in chain(caught.value):
        assert TOKEN not in f"{error}{error!r}{error.args}{vars(error)}"
        assert TOKEN.encode() not in pickle.dumps(error)
    assert TOKEN not in str(told)


async def test_a_token_that_stands_where_a_long_message_is_cut_leaves_no_half_behind() -> None:
    for start in range(LONGEST_MESSAGE - len(TOKEN), LONGEST_MESSAGE):
        long = answered(404, {"message": f"{'x' * start}{TOKEN}"})
        async with client(Api(long)) as sender:
            with pytest.raises(ApiError) as caught:
                await sender.send(CREATE)
        assert caught.value.message.strip("x*") == ""


async def test_errors_keep_what_they_say_when_prefect_stores_them() -> None:
    for error in [
        ApiError("create backup", Meaning.RATE_LIMITED, "Too Many Attempts.", 429, 37.0),
        UnexpectedAnswerError("list backups", "no JSON"),
        UnexpectedAnswerError("list backups", "no JSON", 204),
        ApiUnusableError("the API refused the token"),
        ApiUnusableError("the API answered 302", was_sent=True, in_doubt=True),
    ]:
        again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
        assert type(again) is type(error)
        assert str(again) == str(error)
        assert vars(again) == vars(error)


# How many at once.


@pytest.mark.parametrize("concurrency", [1, 3, 10])
async def test_no_more_requests_are_under_way_than_allowed(concurrency: int) -> None:
    api = Api(ok(), latency=1.0)
    async with client(api, concurrency=concurrency) as sender:
        await asyncio.gather(*(sender.send(READ) for _ in range(30)))
    assert api.most_under_way == concurrency


async def test_a_request_that_is_cancelled_leaves_its_place_to_others() -> None:
    api = Api(ok(), latency=10.0)
    async with client(api, concurrency=1, requests_per_minute=2, share=1.0) as sender:
        first = asyncio.create_task(sender.send(READ))
        await asyncio.sleep(1)
        first.cancel()
        assert await sender.send(READ) == EMPTY
        with pytest.raises(asyncio.CancelledError):
            await first


async def test_one_that_is_cancelled_while_it_waits_for_the_budget_holds_nobody_back() -> None:
    api = Api(ok())
    async with client(api, requests_per_minute=1, share=1.0) as sender:
        await sender.send(READ)
        waiting = [asyncio.create_task(sender.send(READ)) for _ in range(3)]
        await asyncio.sleep(1)
        waiting[0].cancel()
        await asyncio.gather(*waiting[1:])
    assert [round(time) for time in api.times] == [0, 60, 120]


async def test_what_was_decided_before_the_process_was_stopped_is_decided_again() -> None:
    api, asked = Api(StaleError(), ok(STARTED)), list[int]()

    async def before() -> None:
        asked.append(len(api.requests))

    async with client(api) as sender:
        await sender.send(CREATE, before)
        assert asked == [0, 1]
        assert sender.calls == {wire.Call.CREATE_BACKUP: 1}


async def test_a_connection_that_always_comes_too_late_is_not_waited_for_without_end() -> None:
    api = Api(StaleError())

    async def before() -> None: ...

    async with client(api) as sender:
        with pytest.raises(ApiError, match="not sent: no connection to") as caught:
            await sender.send(CREATE, before)
        assert caught.value.meaning is Meaning.UNAVAILABLE
        assert sender.requests == 0


async def test_whoever_was_refused_after_a_stop_does_not_send() -> None:
    api = Api(StaleError())

    async def before() -> None:
        if api.requests:
            raise PermissionError

    async with client(api) as sender:
        with pytest.raises(PermissionError):
            await sender.send(CREATE, before)
        assert sender.requests == 0
