"""Accounts of any size, and fleets whose rules are resolved against them."""

from datetime import UTC, datetime
from typing import Any

from fleet.inventory.inventory import Inventory
from fleet.inventory.narrowing import Narrowing
from fleet.selection.living import Resolved, resolve_rules
from fleet.selection.selection import narrowed
from fleet.serveravatar.catalogue import Meaning
from fleet.serveravatar.errors import ApiError
from tests.unit.fleet.builders import FakeApi, server_row

NOW = datetime(2026, 11, 24, tzinfo=UTC)
O = "/organizations/5"  # noqa: E741 - as in the API's description
SERVERS, APPLICATIONS, DATABASES = f"{O}/servers", f"{O}/applications", f"{O}/databases"
PROVIDERS = f"{O}/cloud-storage-providers"


def own(server: int, kind: str = "applications") -> str:
    return f"{SERVERS}/{server}/{kind}"


def panel(count: int, applications: int = 1, *, names_servers: bool = False) -> FakeApi:
    """`count` servers from 15 on with so many applications (1501, ...), each with a database (71501, ...)."""
    servers = range(15, 15 + count)
    apps: dict[int, list[dict[str, Any]]] = {
        number: [
            {"id": number * 100 + turn, "name": f"site-{turn}", "framework": "wordpress", "active": 1, "size": 1}
            for turn in range(1, applications + 1)
        ]
        for number in servers
    }
    databases = {
        number: [{"id": 70_000 + row["id"], "name": f"site_{row['id'] % 100}_db"} for row in rows]
        for number, rows in apps.items()
    }
    named = [{**row, "server_id": number} for number, rows in apps.items() for row in rows]
    return FakeApi(
        {
            SERVERS: [server_row(number, tags=["even" if number % 2 == 0 else "odd"]) for number in servers],
            PROVIDERS: [{"id": 10, "name": "Wasabi", "provider": "wasabi"}],
            APPLICATIONS: named if names_servers else [{"id": row["id"], "name": row["name"]} for row in named],
            DATABASES: [{**row, "server_id": number} for number, rows in databases.items() for row in rows],
            **{own(number): rows for number, rows in apps.items()},
            **{own(number, "databases"): rows for number, rows in databases.items()},
        }
    )


def failure(message: str = "Bad Gateway", status: int = 502, meaning: Meaning = Meaning.GATEWAY) -> ApiError:
    return ApiError("list", meaning, message, status)


async def resolved(api: FakeApi, fleet: Inventory, **options: Any) -> Resolved:
    return await resolve_rules(api.send, fleet, NOW, **options)


def found(fleet: Resolved) -> list[int]:
    return [target.request.application_id for target in fleet.inventory.targets]


async def limited(api: FakeApi, fleet: Inventory, *limit: str, **options: Any) -> Resolved:
    return await resolved(api, narrowed(fleet, Narrowing(limit)), **options)
