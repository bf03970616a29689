"""The Prefect server that a command starts learns nothing that it does not need."""

from deployments.server.local_server import _without_secrets


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
