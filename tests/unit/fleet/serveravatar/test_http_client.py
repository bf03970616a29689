"""The HTTP client: connections reused, verified, bounded in time, and none through a proxy to this machine."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpcore
import httpx
import pytest

from fleet.serveravatar.account import Account
from fleet.serveravatar.catalogue import Meaning
from fleet.serveravatar.errors import ApiError
from fleet.serveravatar.http_client import KEPT_OPEN, TIMEOUTS, HttpClient, StaleError, since_boot
from fleet.serveravatar.wire import list_organizations, update_plan

pytestmark = pytest.mark.anyio

TOKEN = "a-token-that-nobody-may-see-4711"
READ = list_organizations()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def client(answer: Callable[[httpx.Request], httpx.Response]) -> HttpClient:
    return HttpClient(Account("https://api.example.org", TOKEN), httpx.MockTransport(answer))


def pool_of(http: HttpClient, url: str) -> httpcore.AsyncConnectionPool:
    transport = http._http._transport_for_url(httpx.URL(url))  # No public way to see it.
    assert isinstance(transport, httpx.AsyncHTTPTransport)
    return transport._pool


class Server:
    """Answers on this machine, each request when it is let; counts the connections."""

    def __init__(self) -> None:
        self.connections = 0
        self.arrived = asyncio.Semaphore(0)
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                self.arrived.release()
                await self.may_answer.wait()
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def serving() -> AsyncIterator[tuple[Server, HttpClient]]:
    server = Server()
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    http = HttpClient(Account(f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}", TOKEN))
    try:
        yield server, http
    finally:
        await http.close()
        listening.close()
        await listening.wait_closed()


async def test_a_connection_is_used_again_and_only_as_many_are_opened_as_requests_are_in_flight() -> None:
    async with serving() as (server, http):
        for _ in range(5):
            await http.exchange(READ)
        assert server.connections == 1
        server.may_answer.clear()
        in_flight = [asyncio.create_task(http.exchange(READ)) for _ in range(8 - 5)]
        for _ in range(8):
            await server.arrived.acquire()
        server.may_answer.set()
        await asyncio.gather(*in_flight)
        assert server.connections == 3


async def test_a_request_that_is_cancelled_leaves_the_next_ones_their_connections() -> None:
    async with serving() as (server, http):
        server.may_answer.clear()
        lost = [asyncio.create_task(http.exchange(READ)) for _ in range(3)]
        for _ in range(3):
            await server.arrived.acquire()
        for task in lost:
            task.cancel()
        assert {type(error) for error in await asyncio.gather(*lost, return_exceptions=True)} == {
            asyncio.CancelledError
        }
        server.may_answer.set()
        assert [response.content for response in await asyncio.gather(*(http.exchange(READ) for _ in range(3)))] == [
            b"{}"
        ] * 3


async def test_a_request_that_fails_leaves_the_next_ones_their_connection() -> None:
    failures = [httpx.ReadError("reset")] * 3

    def fail(_request: httpx.Request) -> httpx.Response:
        if failures:
            raise failures.pop()
        return httpx.Response(200, json={})

    http = client(fail)
    for _ in range(3):
        with pytest.raises(ApiError) as caught:
            await http.exchange(READ)
        assert caught.value.meaning is Meaning.IN_DOUBT
    assert (await http.exchange(READ)).status == 200
    await http.close()


async def test_a_cookie_is_not_sent_back() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={}, headers={"set-cookie": "session=1; Path=/"})

    http = client(answer)
    await http.exchange(READ)
    await http.exchange(READ)
    assert [request.headers.get("cookie") for request in seen] == [None, None]
    await http.close()


async def test_every_part_of_an_exchange_has_a_time_out() -> None:
    assert None not in (TIMEOUTS.connect, TIMEOUTS.read, TIMEOUTS.write)


async def test_tls_is_verified_and_an_idle_connection_is_not_kept_as_long_as_servers_keep_it() -> None:
    http = HttpClient(Account("https://api.example.org", TOKEN))
    pool = pool_of(http, "https://api.example.org")
    assert pool._ssl_context is not None
    assert pool._ssl_context.verify_mode.name == "CERT_REQUIRED"
    assert pool._ssl_context.check_hostname
    assert pool._keepalive_expiry == KEPT_OPEN < 5
    await http.close()


async def test_a_request_says_who_asks_and_a_response_may_be_packed() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, content=gzip.compress(b'{"a": 1}'), headers={"content-encoding": "gzip"})

    http = client(answer)
    assert (await http.exchange(READ)).content == b'{"a": 1}'
    await http.exchange(update_plan(5, 15, 3, {"type": "database"}))
    await http.close()
    read, change = seen
    assert (read.method, str(read.url)) == ("GET", "https://api.example.org/organizations?page=1")
    assert {"authorization": TOKEN, "accept": "application/json", "host": "api.example.org"}.items() <= dict(
        read.headers
    ).items()
    assert read.headers["user-agent"] == "fleet-backup"
    assert (change.method, change.url.path) == ("PATCH", "/organizations/5/servers/15/backups/3")
    assert change.content == b'{"type":"database"}'
    assert read.extensions["timeout"]["read"] == change.extensions["timeout"]["read"] == TIMEOUTS.read


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
    http = HttpClient(Account(url, TOKEN))
    pool = pool_of(http, url)
    used = bytes(pool._proxy_url).decode().rstrip("/") if isinstance(pool, httpcore.AsyncHTTPProxy) else None
    assert used == proxy
    await http.close()


class LostBody(httpx.AsyncByteStream):
    """A body whose connection is lost in the middle of it."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b'{"mess'
        raise httpx.ReadError("lost")


@pytest.mark.parametrize(("status", "is_read"), [(401, True), (429, True), (200, False), (403, False), (500, False)])
async def test_a_status_that_decides_by_itself_needs_no_body(status: int, is_read: bool) -> None:
    def lose(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, headers={"retry-after": "37"}, stream=LostBody())

    http = client(lose)
    if is_read:
        response = await http.exchange(READ)
        assert (response.status, response.headers["retry-after"], response.content) == (status, "37", b"")
    else:
        with pytest.raises(ApiError) as caught:
            await http.exchange(READ)
        assert caught.value.meaning is Meaning.IN_DOUBT
    await http.close()


async def test_what_should_have_left_earlier_does_not_leave_also_on_a_connection_that_stands() -> None:
    """A process that was stopped for longer than its lease may not send what it had decided to send."""
    async with serving() as (server, http):
        for _ in range(2):
            with pytest.raises(StaleError):
                await http.exchange(READ, since_boot() - 0.01)
            assert server.arrived.locked()  # Nothing has come.
            await http.exchange(READ, since_boot() + 60)
            await server.arrived.acquire()
