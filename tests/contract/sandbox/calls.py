"""What these tests send to the API: its addresses, bodies and creates."""

from typing import Any

import httpx

BACKUPS = "/organizations/5/backups"
CREATE = "/organizations/5/servers/15/backups"
INSTANT: dict[str, Any] = {
    "name": "nightly",
    "provider": "wasabi",
    "cloud_storage_provider_id": 10,
    "automatic_backup": False,
    "type": "application",
    "application_id": 4246,
    "database_id": 4223,
    "application_extension": ".tar.gz",
    "database_extension": ".sql.gz",
}
PLAN = {**INSTANT, "automatic_backup": True, "schedule": "Every Day", "start_backup_from_now": True}


async def create(client: httpx.AsyncClient, **changed: object) -> httpx.Response:
    return await client.post(CREATE, json={**INSTANT, **changed})


async def settled(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    await client.post("/_sandbox/settle")
    backups: list[dict[str, Any]] = (await client.get("/_sandbox/backups")).json()["backups"]
    return backups
