"""A machine of its own: processes, network and home that it shares with no other, so that it can be lost as a whole.

It is a process namespace, a network namespace and a folder. What its programs reach on 127.0.0.1 is passed on, through
sockets in that folder, to the same port of this machine.
"""

import asyncio
import fcntl
import os
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Self

_UNSHARED: Final = ("unshare", "--pid", "--net", "--fork", "--mount-proc", "--kill-child")
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1


class Machine:
    """A machine that runs one command.

    Attributes:
        home: its folder.
    """

    def __init__(
        self, home: Path, ports: Iterable[int], command: Sequence[str], environment: Mapping[str, str]
    ) -> None:
        """Prepare; it is off.

        Args:
            home: its folder; it is created.
            ports: of this machine, which it reaches as its own.
            command: what it runs when it is on.
            environment: of the command.
        """
        self.home = home
        self._ports = list(ports)
        self._command = command
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Turn it on."""
        self.home.mkdir(parents=True, exist_ok=True)
        inside = [sys.executable, "-m", __name__, str(self.home), ",".join(map(str, self._ports)), *self._command]
        with (self.home / "machine.log").open("ab") as log:
            environment = {**self._environment, "HOME": str(self.home), "PYTHONPATH": str(Path.cwd())}
            self._process = subprocess.Popen(  # noqa: S603 - ours
                [*_UNSHARED, *inside], cwd=self.home, env=environment, stdout=log, stderr=log, start_new_session=True
            )

    def lose(self) -> None:
        """Cut its power: everything on it is gone at once."""
        for pid in self._everything():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if self._process:
            self._process.wait()

    def freeze(self) -> None:
        """Let it fall silent."""
        for pid in self._everything():
            os.kill(pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on where it was."""
        for pid in self._everything():
            os.kill(pid, signal.SIGCONT)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.lose()

    def _everything(self) -> list[int]:
        """The processes on it, the first one last: with it, the others would be killed before they are counted."""
        if self._process is None or self._process.poll() is not None:
            return []
        found, known = [self._process.pid], {self._process.pid}
        parents = sorted((int(path.parent.name), path) for path in Path("/proc").glob("[0-9]*/stat"))
        while grown := [pid for pid, path in parents if pid not in known and _parent(path) in known]:
            found += grown
            known.update(grown)
        return found[::-1]


def _parent(stat: Path) -> int:
    with suppress(OSError):
        return int(stat.read_text("utf-8", "replace").rpartition(")")[2].split()[1])
    return 0


class Ways:
    """The ways from machines to this one: a socket in a folder for each port."""

    def __init__(self, folder: Path, ports: Iterable[int]) -> None:
        self._paths = {port: folder / str(port) for port in ports}

    async def open(self) -> list[asyncio.Server]:
        """Open them."""
        return [await asyncio.start_unix_server(_to_port(port), path) for port, path in self._paths.items()]


def _to_port(port: int) -> Any:  # noqa: ANN401 - a callback of asyncio
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.CancelledError):
            await _pass(reader, writer, await asyncio.open_connection("127.0.0.1", port))
        writer.close()

    return serve


def _to_path(path: Path) -> Any:  # noqa: ANN401 - a callback of asyncio
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.CancelledError):
            await _pass(reader, writer, await asyncio.open_unix_connection(path))
        writer.close()

    return serve


async def _pass(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, there: tuple[asyncio.StreamReader, asyncio.StreamWriter]
) -> None:
    await asyncio.gather(_pour(reader, there[1]), _pour(there[0], writer))


async def _pour(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while part := await source.read(65536):
            target.write(part)
            await target.drain()
    target.close()


async def _inside(folder: Path, ports: Sequence[int], command: Sequence[str]) -> int:
    """Be the first process of the machine: bring its network up, pass on, and run the command until it ends."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh", b"lo", 0)
        flags = struct.unpack("16sh", fcntl.ioctl(any_socket, _SIOCGIFFLAGS, request)[:18])[1]
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh", b"lo", flags | _IFF_UP))
    for port in ports:
        await asyncio.start_server(_to_path(folder.parent / "ways" / str(port)), "127.0.0.1", port)
    program = await asyncio.create_subprocess_exec(*command)
    return await program.wait()


if __name__ == "__main__":
    sys.exit(asyncio.run(_inside(Path(sys.argv[1]), [int(port) for port in sys.argv[2].split(",")], sys.argv[3:])))
