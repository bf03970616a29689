"""The connections of a client: few, verified, bounded in time, and to this machine without a proxy."""

import asyncio
import gzip
from collections.abc import AsyncIterator

import httpcore
import httpx
import pytest

from fleet.serveravatar.account import Account
from fleet.serveravatar.connections import TIMEOUTS, Connections, proxy_for

pytestmark = pytest.mark.anyio

TOKEN = "a-token-that-nobody-may-see-4711"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Counting(Connections):
    """Counts what it opens."""

    opened = 0

    def open(self) -> httpx.AsyncBaseTransport:
        self.opened += 1
        return super().open()


async def answer(_request: httpx.Request) -> httpx.Response:
    await asyncio.sleep(0)
    return httpx.Response(200, json={})


async def test_a_connection_is_used_again_and_only_as_many_are_opened_as_requests_are_under_way_at_once() -> None:
    connections = Counting(Account("https://api.example.org", TOKEN), httpx.MockTransport(answer))
    for _ in range(5):
        await connections.exchange("GET", "/organizations", {}, None)
    assert connections.opened == 1
    await asyncio.gather(*(connections.exchange("GET", "/organizations", {}, None) for _ in range(3)))
    assert connections.opened == 3
    await connections.close()


async def test_what_fails_gives_its_connection_back() -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("reset", request=request)

    connections = Counting(Account("https://api.example.org", TOKEN), httpx.MockTransport(fail))
    for _ in range(3):
        with pytest.raises(httpx.ReadError):
            await connections.exchange("GET", "/organizations", {}, None)
    assert connections.opened == 1
    await connections.close()


async def test_every_part_of_an_exchange_has_a_time_out() -> None:
    assert None not in (TIMEOUTS.connect, TIMEOUTS.read, TIMEOUTS.write)


async def test_tls_is_verified() -> None:
    async with Connections(Account("https://api.example.org", TOKEN)).open() as connection:
        pool = connection._pool  # type: ignore[attr-defined] # no public way to see it
        assert pool._ssl_context.verify_mode.name == "CERT_REQUIRED"
        assert pool._ssl_context.check_hostname


async def test_a_request_says_who_asks_and_an_answer_may_be_packed() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, content=gzip.compress(b'{"a": 1}'), headers={"content-encoding": "gzip"})

    connections = Connections(Account("https://api.example.org", TOKEN), httpx.MockTransport(answer))
    response = await connections.exchange("POST", "/organizations/5", {"page": 2}, {"type": "database"})
    assert response.json() == {"a": 1}
    (request,) = seen
    assert (request.method, str(request.url)) == ("POST", "https://api.example.org/organizations/5?page=2")
    assert {"authorization": TOKEN, "accept": "application/json", "host": "api.example.org"}.items() <= dict(
        request.headers
    ).items()
    assert request.extensions["timeout"]["read"] == TIMEOUTS.read


PROXY = "http://proxy.example.org:3128"


@pytest.mark.parametrize(
    ("url", "environment", "proxy"),
    [
        ("https://api.example.org", {}, None),
        ("https://api.example.org", {"HTTPS_PROXY": PROXY}, PROXY),
        ("https://api.example.org", {"ALL_PROXY": PROXY}, PROXY),
        ("https://api.example.org", {"HTTPS_PROXY": "proxy.example.org:3128"}, PROXY),
        ("https://api.example.org", {"HTTP_PROXY": PROXY}, None),
        ("https://api.example.org", {"HTTPS_PROXY": PROXY, "NO_PROXY": "example.org"}, None),
        ("https://api.example.org", {"HTTPS_PROXY": PROXY, "NO_PROXY": "other.org"}, PROXY),
        ("https://api.example.org:8443", {"HTTPS_PROXY": PROXY, "NO_PROXY": "api.example.org:8443"}, None),
        ("http://127.0.0.1:1", {"HTTP_PROXY": PROXY, "ALL_PROXY": PROXY}, None),
        ("http://localhost:1", {"HTTP_PROXY": PROXY, "ALL_PROXY": PROXY}, None),
    ],
)
async def test_the_environments_proxy_leads_to_the_world_outside_alone(
    monkeypatch: pytest.MonkeyPatch, url: str, environment: dict[str, str], proxy: str | None
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert proxy_for(url) == proxy
    async with Connections(Account(url, TOKEN)).open() as connection:
        pool = connection._pool  # type: ignore[attr-defined] # no public way to see it
        assert isinstance(pool, httpcore.AsyncHTTPProxy) is (proxy is not None)


class LostBody(httpx.AsyncByteStream):
    """A body whose connection is lost in the middle of it."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b'{"mess'
        raise httpx.ReadError("lost")


@pytest.mark.parametrize(("status", "is_told"), [(401, True), (429, True), (200, False), (403, False), (500, False)])
async def test_a_status_that_decides_by_itself_needs_no_body(status: int, is_told: bool) -> None:
    def lose(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, headers={"retry-after": "37"}, stream=LostBody())

    connections = Connections(Account("https://api.example.org", TOKEN), httpx.MockTransport(lose))
    if is_told:
        response = await connections.exchange("GET", "/organizations", {}, None)
        assert (response.status_code, response.headers["retry-after"], response.content) == (status, "37", b"")
    else:
        with pytest.raises(httpx.ReadError):
            await connections.exchange("GET", "/organizations", {}, None)
    await connections.close()
