"""Where a Prefect server of our own listens, and when that is refused."""

import socket
from typing import Any

import pytest
from prefect.settings.models.server.api import ServerAPISettings

from deployments.server.address import Address, address_of, password_of
from fleet.settings.settings import SettingsError

EVERYWHERE = "0.0.0.0"  # noqa: S104 - nothing listens there in these tests
PASSWORD = "admin:a-long-word"


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, Address("127.0.0.1", 0)),
        ({"port": 4200}, Address("127.0.0.1", 4200)),
        ({"host": ""}, Address("127.0.0.1", 0)),
        ({"host": "localhost"}, Address("localhost", 0)),
        ({"host": "127.0.0.2", "auth_string": PASSWORD}, Address("127.0.0.2", 0)),
        ({"host": "::1"}, Address("::1", 0)),
        ({"host": "[::1]"}, Address("::1", 0)),
        ({"host": EVERYWHERE, "port": 4200, "auth_string": PASSWORD}, Address(EVERYWHERE, 4200)),
        ({"host": "::", "auth_string": PASSWORD}, Address("::", 0)),
        ({"host": "backups.example.org", "auth_string": PASSWORD}, Address("backups.example.org", 0)),
    ],
)
def test_it_listens_where_prefect_s_settings_say_and_by_default_on_a_free_port_of_this_machine(
    settings: dict[str, Any], expected: Address
) -> None:
    assert address_of(ServerAPISettings(**settings)) == expected


@pytest.mark.parametrize("host", [EVERYWHERE, "::", "192.0.2.7", "2001:db8::7", "backups.example.org", "localhost."])
@pytest.mark.parametrize("password", [None, "", "admin", "admin:", ":word", ":"])
def test_other_machines_do_not_reach_it_without_a_password(host: str, password: str | None) -> None:
    with pytest.raises(SettingsError) as refused:
        address_of(ServerAPISettings.model_validate({"host": host, "auth_string": password}))
    (line,) = str(refused.value).splitlines()
    assert line.startswith(f"PREFECT_SERVER_API_HOST: {host} lets other machines start backups")
    assert "set PREFECT_SERVER_API_AUTH_STRING to a name, a colon and a long password" in line


@pytest.mark.parametrize("port", [-1, 65_536, 70_000])
def test_what_is_no_port_is_refused(port: int) -> None:
    with pytest.raises(SettingsError, match=f"^PREFECT_SERVER_API_PORT: {port} is no port; set it to one below 65536$"):
        address_of(ServerAPISettings(port=port))


@pytest.mark.parametrize(("password", "problem"), [("", "is empty"), ("a:pä", "has characters that are not ASCII")])
def test_a_password_with_which_the_server_lets_nobody_in_is_refused(password: str, problem: str) -> None:
    with pytest.raises(SettingsError) as refused:
        password_of(ServerAPISettings.model_validate({"auth_string": password}))
    assert str(refused.value).startswith(f"PREFECT_SERVER_API_AUTH_STRING: {problem}; remove it, or set it to a name")
    assert "pä" not in str(refused.value)


def test_the_password_is_shown_by_nothing_but_the_function_that_reads_it() -> None:
    settings = ServerAPISettings.model_validate({"host": EVERYWHERE, "auth_string": PASSWORD})
    assert password_of(settings) == PASSWORD
    assert PASSWORD not in f"{address_of(settings)!r} {address_of(settings)}"
    assert password_of(ServerAPISettings()) == ""


@pytest.mark.parametrize(
    ("address", "url", "shown"),
    [
        (Address("127.0.0.1", 4200), "http://127.0.0.1:4200/api", "127.0.0.1:4200"),
        (Address(EVERYWHERE, 4200), "http://127.0.0.1:4200/api", "0.0.0.0:4200"),
        (Address("::", 4200), "http://[::1]:4200/api", "[::]:4200"),
        (Address("2001:db8::7", 80), "http://[2001:db8::7]:80/api", "[2001:db8::7]:80"),
        (Address("backups.example.org", 80), "http://backups.example.org:80/api", "backups.example.org:80"),
    ],
)
def test_this_machine_reaches_it_where_it_listens(address: Address, url: str, shown: str) -> None:
    assert (address.api_url, str(address)) == (url, shown)


def test_a_free_port_is_found_and_one_in_use_is_refused() -> None:
    opened = Address().opened()
    assert (opened.host, opened.port > 0) == ("127.0.0.1", True)
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(OSError, match="Address already in use"),
    ):
        Address(port=taken.getsockname()[1]).opened()
