"""Fleets for the acceptance: what the stranger serves, and the fleet file that asks for it."""

from typing import Any

Row = dict[str, Any]

WASABI: Row = {"id": 10, "provider": "wasabi"}
GDRIVE: Row = {"id": 11, "provider": "gdrive"}
DEFAULTS: Row = {
    "provider": "wasabi",
    "cloud_storage_provider_id": 10,
    "automatic_backup": False,
    "type": "application",
    "application_extension": ".tar.gz",
    "database_extension": ".sql.gz",
}


def application(server_id: int, number: int, *, with_database: bool = True) -> Row:
    """Application `number` (from 1) of a server; ids are unique over the fleet and told from one another."""
    identity = server_id * 100 + number
    database = {"id": identity + 50, "name": f"tables_{identity}", "size": 12}
    return {
        "id": identity,
        "name": f"shop-{number}",
        "size": 120,
        "database": database if with_database else None,
    }


def server(server_id: int, applications: int = 1, **more: object) -> Row:
    """A server of organization 5 called `web-<id>`, with so many applications of a database each."""
    made = [application(server_id, number) for number in range(1, applications + 1)]
    return {"id": server_id, "name": f"web-{server_id}", "applications": made, **more}


def servers(count: int, applications: int) -> list[Row]:
    """`count` healthy servers, from id 101."""
    return [server(101 + turn, applications) for turn in range(count)]


def world(fleet: list[Row], **config: object) -> Row:
    """The stranger's configuration for these servers, with more storage providers than a page holds."""
    others = [{"id": number, "provider": "amazon_s3"} for number in range(20, 28)]
    return {"servers": fleet, "providers": [*others, GDRIVE, WASABI], **config}


def backup_of(row: Row, **more: object) -> Row:
    """The entry of the fleet file for one application."""
    database = {"database_id": row["database"]["id"]} if row["database"] else {}
    return {"application_id": row["id"], **database, **more}


def fleet_file(fleet: list[Row], **more: object) -> Row:
    """A fleet file that asks for one backup of each application of these servers."""
    rows = [
        {
            **{field: row[field] for field in ("id", "name", "tags", "groups") if field in row},
            "backups": [backup_of(application) for application in row["applications"]],
        }
        for row in fleet
    ]
    return {"organization": 5, "defaults": DEFAULTS, "servers": rows, **more}


LATER: Row = {"automatic_backup": True, "schedule": "Every Day", "start_backup_from_now": False}
LATER |= {"start_backup": "2099-07-13 17:49"}
AT_ONCE: Row = {"automatic_backup": True, "schedule": "Every Day", "start_backup_from_now": True}


def with_defaults(file: Row, **more: object) -> Row:
    """The same fleet file with other defaults."""
    return {**file, "defaults": {**file["defaults"], **more}}
