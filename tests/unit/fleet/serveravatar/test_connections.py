"""The connections of a client: few, verified, bounded in time, and to this machine without a proxy."""

import asyncio

import httpx
import pytest

from fleet.serveravatar.account import Account
from fleet.serveravatar.connections import TIMEOUTS, Connections

pytestmark = pytest.mark.anyio

TOKEN = "a-token-that-nobody-may-see-4711"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Counting(Connections):
    """Counts what it opens."""

    opened = 0

    def open(self) -> httpx.AsyncClient:
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
        pool = connection._transport._pool  # type: ignore[attr-defined] # no public way to see it
        assert pool._ssl_context.verify_mode.name == "CERT_REQUIRED"
        assert pool._ssl_context.check_hostname


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://localhost:1"])
async def test_no_proxy_stands_between_this_machine_and_itself(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example.org")
    monkeypatch.setenv("ALL_PROXY", "http://proxy.example.org")
    async with Connections(Account(url, TOKEN)).open() as connection:
        assert connection._mounts == {}


async def test_the_environments_proxy_leads_to_the_world_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.org")
    async with Connections(Account("https://api.example.org", TOKEN)).open() as connection:
        assert [pattern.pattern for pattern in connection._mounts] == ["https://"]
