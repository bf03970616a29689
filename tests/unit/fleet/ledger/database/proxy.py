"""Between a ledger and its PostgreSQL: what comes back can be lost on the way, or held up for ever."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import sqlalchemy as sa

PIECE = 65536


class Proxy:
    """Forwards connections to a database.

    Attributes:
        answers: pieces that have come back from the database.
        lose: at which of them, counted from now on, all connections are cut in its place; 0: never.
        refuses: whether new connections are cut at once.
    """

    def __init__(self, url: str) -> None:
        parsed = sa.make_url(url)
        self._to = str(parsed.host), int(parsed.port or 0)
        self._writers: set[asyncio.StreamWriter] = set()
        self._silent: set[asyncio.StreamWriter] = set()
        self.answers, self.lose, self.refuses = 0, 0, False

    def cut(self) -> None:
        """Cut all connections."""
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    @property
    def dropped(self) -> bool:
        """Whether `drop` was called."""
        return bool(self._silent)

    def drop(self) -> None:
        """Let nothing pass any more on the connections that there are, without a word to either side."""
        self._silent |= self._writers

    async def forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forward one connection until it ends."""
        if self.refuses:
            writer.transport.abort()
            return
        their_reader, their_writer = await asyncio.open_connection(*self._to)
        self._writers |= {writer, their_writer}
        await asyncio.gather(self._there(reader, their_writer), self._back(their_reader, writer))

    async def _there(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while piece := await reader.read(PIECE):
                if writer not in self._silent:
                    writer.write(piece)
        except ConnectionError:
            pass
        if writer not in self._silent:
            writer.transport.abort()

    async def _back(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while piece := await reader.read(PIECE):
                self.answers += 1
                if self.lose and self.answers == self.lose:
                    self.cut()
                elif writer not in self._silent:
                    writer.write(piece)
        except ConnectionError:
            pass
        writer.transport.abort()


@asynccontextmanager
async def between(url: str) -> AsyncIterator[tuple[Proxy, str]]:
    """A proxy before a database, and the URL of that database through it."""
    proxy = Proxy(url)
    server = await asyncio.start_server(proxy.forward, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield proxy, sa.make_url(url).set(port=port).render_as_string(hide_password=False)
        proxy.cut()
