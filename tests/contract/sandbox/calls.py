"""What these tests send to the API: its addresses, bodies and creates."""

from typing import Any

import httpx

from tests import create_bodies

BACKUPS = "/organizations/5/backups"
CREATE = "/organizations/5/servers/15/backups"
INSTANT: dict[str, Any] = {"name": "nightly", **create_bodies.INSTANT}
PLAN: dict[str, Any] = {"name": "nightly", **create_bodies.PLAN}


async def create(client: httpx.AsyncClient, **changed: object) -> httpx.Response:
    return await client.post(CREATE, json={**INSTANT, **changed})


async def settled(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    await client.post("/_sandbox/settle")
    backups: list[dict[str, Any]] = (await client.get("/_sandbox/backups")).json()["backups"]
    return backups
