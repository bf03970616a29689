"""The Prefect server that a command starts learns nothing that it does not need, and listens where it can."""

import socket
from pathlib import Path

import pytest

from deployments.server.address import Address
from deployments.server.local_server import ServerStartError, _without_secrets, local_server


def test_the_server_inherits_no_setting_of_ours() -> None:
    environment = {
        "PATH": "/bin",
        "PREFECT_HOME": "/srv",
        "SERVERAVATAR_API_TOKEN": "secret",
        "serveravatar_api_token": "secret",
        "SERVERAVATAR_API_TOKEN_FILE": "/run/token",
        "FLEET_BACKUP_LEDGER_URL": "postgresql://me:secret@db/ledger",
        "FLEET_BACKUP_HEARTBEAT_URL": "https://hc.example.org/secret",
    }
    assert _without_secrets(environment) == {"PATH": "/bin", "PREFECT_HOME": "/srv"}


def test_a_port_in_use_is_one_line_and_starts_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = Address(port=taken.getsockname()[1])
        with pytest.raises(ServerStartError) as refused, local_server(tmp_path, address=address):
            pass
    wanted = f"the Prefect server cannot listen on {address}: Address already in use; change PREFECT_SERVER_API_HOST or"
    assert str(refused.value).startswith(wanted)
    assert list(tmp_path.iterdir()) == []
