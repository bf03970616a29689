"""A corpus of answers that cost more than any honest one: each ends in one line, with little memory, requests, time."""

import asyncio
import gzip
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from fleet.serveravatar import wire
from fleet.serveravatar.account import Account
from fleet.serveravatar.backup_rows import read_backups
from fleet.serveravatar.catalogue import Meaning
from fleet.serveravatar.client import Client
from fleet.serveravatar.errors import ApiError, ApiUnusableError
from fleet.serveravatar.http_client import LONGEST_EXCHANGE
from fleet.serveravatar.models import Server
from fleet.serveravatar.retry import RetryPolicy
from fleet.serveravatar.wire import read_rows

pytestmark = pytest.mark.anyio
CREATE = wire.create_backup(5, 15, {"type": "filesystem"})
READ = wire.list_backups(5)
MEGABYTE = 1024**2
MOST_MEMORY = 128 * MEGABYTE
GZIP = {"content-encoding": "gzip"}


class Stream(httpx.AsyncByteStream):
    """Bytes as they come over the wire, one piece after another, each after so many seconds."""

    def __init__(self, pieces: Iterator[bytes], seconds: float = 0.0) -> None:
        self.pieces, self.seconds = pieces, seconds

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            await asyncio.sleep(self.seconds)
            yield piece


def endlessly(piece: bytes) -> Iterator[bytes]:
    while True:
        yield piece


def bomb(letter: bytes, megabytes: int) -> Iterator[bytes]:
    """So much of one letter, packed a thousand times smaller."""
    packing = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    for _ in range(megabytes):
        yield packing.compress(letter * MEGABYTE)
    yield packing.flush()


def packed_nothing() -> Iterator[bytes]:
    """A packed body that goes on for ever and holds nothing: empty blocks."""
    packing = zlib.compressobj(0, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    yield packing.compress(b"") + packing.flush(zlib.Z_FULL_FLUSH)
    yield from endlessly(b"\0\0\0\xff\xff" * 20_000)


def list_of(values: bytes) -> Iterator[bytes]:
    yield b'{"data": [' + values + b"]}"


CORPUS: dict[str, tuple[Any, dict[str, str], str]] = {
    "endless": (lambda: endlessly(b" " * MEGABYTE), {}, "the response is larger than 16 MB"),
    "gigabytes, packed": (lambda: bomb(b" ", 2048), GZIP, "the response is larger than 32 MB when unpacked"),
    "packed twice": (lambda: iter([b"x"]), {"content-encoding": "gzip, gzip"}, "packed in a way"),
    "packed otherwise": (lambda: iter([b"x"]), {"content-encoding": "br"}, "packed in a way"),
    "packed, endless, empty": (packed_nothing, GZIP, "the response is larger than 16 MB"),
    "packed, cut off": (lambda: iter([gzip.compress(b"{}" * 999)[:-9]]), GZIP, "ends too early"),
    "no gzip": (lambda: iter([b"{}"]), GZIP, "the response cannot be unpacked"),
    "empty lists": (lambda: list_of(b"[]," * 4_000_000 + b"1"), {}, "has more than 1,000,000 values"),
    "empty lists, packed": (
        lambda: iter([gzip.compress(b'{"data": [' + b"{}," * 9_000_000 + b"1]}", 1)]),
        GZIP,
        "has more than 1,000,000 values",
    ),
    "deep": (lambda: iter([b"[" * 900_000]), {}, "is nested more than 32 levels deep"),
    "deep, but not too deep for the parser": (
        lambda: iter([b'{"message": ' + b"[" * 200 + b"]" * 200 + b"}"]),
        {},
        "is nested more than 32 levels deep",
    ),
    "many digits": (lambda: list_of(b'{"id": ' + b"9" * 5_000_000 + b"}"), {}, "number of more than 400 characters"),
    "a long fraction": (lambda: list_of(b"0." + b"3" * 5_000_000), {}, "number of more than 400 characters"),
}


class Api:
    """In place of the network: the same answer again and again."""

    def __init__(self, pieces: Any, headers: dict[str, str], seconds: float = 0.0, status: int = 200) -> None:
        self.requests = 0
        self._pieces, self._headers, self._seconds, self._status = pieces, headers, seconds, status

    async def answer(self, _request: httpx.Request) -> httpx.Response:
        self.requests += 1
        return httpx.Response(self._status, headers=self._headers, stream=Stream(self._pieces(), self._seconds))


def client(api: Api) -> Client:
    return Client(
        Account("https://api.example.org", "a-token-of-nobody", requests_per_minute=60_000),
        policy=RetryPolicy(attempts=2),
        transport=httpx.MockTransport(api.answer),
        clock=asyncio.get_running_loop().time,
    )


@pytest.mark.parametrize(("pieces", "headers", "words"), CORPUS.values(), ids=CORPUS.keys())
async def test_an_answer_out_of_all_bounds_is_one_line(pieces: Any, headers: dict[str, str], words: str) -> None:
    api = Api(pieces, headers)
    tracemalloc.start()
    try:
        async with client(api) as sender:
            with pytest.raises(ApiError, match=words) as caught:
                await sender.send(CREATE)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert caught.value.meaning is Meaning.IN_DOUBT  # A create may have been applied all the same.
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 200
    assert api.requests == 1
    assert peak < MOST_MEMORY


@pytest.mark.parametrize("letter", [b" ", b"{}"], ids=["of the body", "of a packed body"])
async def test_a_byte_a_second_does_not_hold_for_ever(letter: bytes) -> None:
    api = Api(lambda: endlessly(letter), {}, seconds=1.0)
    async with client(api) as sender:
        with pytest.raises(ApiError, match=f"no complete response within {LONGEST_EXCHANGE:.0f} s"):
            await sender.send(READ)
    assert api.requests <= 2
    assert asyncio.get_running_loop().time() <= 2 * LONGEST_EXCHANGE + 5


async def test_headers_that_never_end_do_not_hold_for_ever() -> None:
    async def silent(_request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(10**9)
        raise AssertionError("nobody waits that long")

    api = Api(lambda: iter([b""]), {})
    api.answer = silent  # type: ignore[method-assign]
    async with client(api) as sender:
        with pytest.raises(ApiError, match="no complete response within"):
            await sender.send(CREATE)
    assert asyncio.get_running_loop().time() <= LONGEST_EXCHANGE + 1


@pytest.mark.parametrize("case", ["endless", "gigabytes, packed", "packed twice", "deep"])
async def test_a_status_that_decides_needs_no_body_however_large(case: str) -> None:
    api = Api(*CORPUS[case][:2], status=401)
    async with client(api) as sender:
        with pytest.raises(ApiUnusableError, match="the API refused the token"):
            await sender.send(READ)
    assert api.requests == 1


@pytest.mark.parametrize("name", ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "retry-after"])
@pytest.mark.parametrize("value", ["9" * 5000, "9" * 400, "9" * 18, "-1", "nan", "٣", "Fri, 31 Dec 99999 23:59:59 GMT"])
async def test_a_header_of_any_number_ends_nothing(name: str, value: str) -> None:
    headers = [(b"x-ratelimit-limit", b"60"), (name.encode(), value.encode())]

    async def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers=headers, json={"data": [{"id": 1}]})

    api = Api(None, {})
    api.answer = answer  # type: ignore[method-assign]
    async with client(api) as sender:
        assert await sender.send(READ)
    assert asyncio.get_running_loop().time() < 61


@pytest.mark.parametrize("value", [-1, 10**18, 10**300, 1e308, "9" * 400, float("inf"), float("nan"), True, [], {}])
def test_a_row_with_an_impossible_id_is_left_out(value: Any) -> None:
    assert [row.id for row in read_rows(Server, [{"id": value}, {"id": 7}]) if row.id != 1] == [7]


@pytest.mark.parametrize("field", ["application_size", "database_id", "created_at", "expires_at", "names", "status"])
@pytest.mark.parametrize(
    "value",
    [10**300, "9" * 306 + " TB", 1e308, -1e308, "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "1e400", []],
)
def test_what_is_out_of_range_is_unknown(field: str, value: Any) -> None:
    (row,) = read_backups([{"id": 7, field: value}])
    assert row.application_size is None or abs(row.application_size) < 1e309
    assert row.database_id is None or row.database_id < 2**63
    for time in filter(None, (row.created_at, row.expires_at)):
        assert 1970 <= time.year < 9000
