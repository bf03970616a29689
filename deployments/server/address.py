"""Where a Prefect server of our own listens, and who may reach it there."""

import ipaddress
import socket
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final, Protocol

from pydantic import SecretStr

from fleet.settings.settings import SettingsError

_EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - with a password only
"""How this machine reaches a server that listens on all of its addresses."""
PASSWORD: Final = "PREFECT_SERVER_API_AUTH_STRING"  # noqa: S105 - its name
"""The variable with what callers of the server have to send."""
_PORTS: Final = 65_536


class ServerSettings(Protocol):
    """The part of Prefect's settings that says where its server listens (`PREFECT_SERVER_API_...`)."""

    host: str
    port: int
    auth_string: SecretStr | None

    @property
    def model_fields_set(self) -> AbstractSet[str]:
        """The settings that somebody has set."""


@dataclass(frozen=True)
class Address:
    """Host and port of a Prefect server.

    Attributes:
        host: the address of one network interface, or of all.
        port: 0 for a free one.
    """

    host: str = "127.0.0.1"
    port: int = 0

    def opened(self) -> "Address":
        """The same with a port on which a server can listen now.

        Raises:
            OSError: the port is in use, or the host is none of this machine's.
        """
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        with socket.socket(family) as probe:
            # As the server does itself: the connections of one that has just ended do not matter.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((self.host, self.port))
            port: int = probe.getsockname()[1]
        return Address(self.host, port)

    @property
    def api_url(self) -> str:
        """The URL of the server's API, as seen from this machine."""
        return f"http://{_bracketed(_EVERYWHERE.get(self.host, self.host))}:{self.port}/api"

    def __str__(self) -> str:
        host = _bracketed(self.host)
        return f"{host}:{self.port}" if self.port else host


def _bracketed(host: str) -> str:
    """As a host stands before a port: an address of IPv6 has colons of its own."""
    return f"[{host}]" if ":" in host else host


def password_of(server: ServerSettings) -> str:
    """What the server wants from those who call it; empty: nothing.

    Raises:
        SettingsError: Prefect's server would start with it, and let nobody in.
    """
    if server.auth_string is None:
        return ""
    password = server.auth_string.get_secret_value()
    if not password or not password.isascii():
        problem = "has characters that are not ASCII" if password else "is empty"
        raise SettingsError(f"{PASSWORD}: {problem}; remove it, or set it to a name, a colon and a password")
    return password


def address_of(server: ServerSettings) -> Address:
    """Where the user wants the server to listen: by default on a free port of this machine.

    Raises:
        SettingsError: there is no such port, or other machines would reach it without a password.
    """
    host = server.host.removeprefix("[").removesuffix("]") or Address.host
    address = Address(host, server.port if "port" in server.model_fields_set else 0)
    if address.port not in range(_PORTS):
        raise SettingsError(f"PREFECT_SERVER_API_PORT: {address.port} is no port; set it to one below {_PORTS}")
    user, _, word = (server.auth_string.get_secret_value() if server.auth_string else "").partition(":")
    if _is_of_this_machine_alone(address.host) or (user and word):
        return address
    raise SettingsError(
        f"PREFECT_SERVER_API_HOST: {address.host} lets other machines start backups and read what is backed up: "
        f"set {PASSWORD} to a name, a colon and a long password, or the host to 127.0.0.1"
    )


def _is_of_this_machine_alone(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
