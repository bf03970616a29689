"""The stranger's rows, with the warnings of serveravatar-api.md taken at their word.

Unknown fields, flags as `"1"`, 1 and true, missing monitor logs, `null` server ids, fields cut short.
"""

import hashlib
from datetime import datetime
from typing import Any

Row = dict[str, Any]


def flag(turn: int, *, value: bool) -> str | int:
    """One truth, written in one of the three ways that the API has."""
    return (str(int(value)), int(value), value)[turn % 3]


def stamp(moment: datetime) -> str:
    """The API's way to write a time."""
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def server_row(turn: int, server: Row) -> Row:
    """A server as its list shows it; every third has no monitor log (`null`, or no such field)."""
    state = server.get("state", "ok")
    row: Row = {
        "id": server["id"],
        "organization_id": server.get("organization", 5),
        "provider_name": "do",
        "name": server["name"],
        "hostname": f"{server['name']}.example",
        "ssh_status": flag(turn + 1, value=True),
        "agent_status": "0" if state == "dead" else flag(turn, value=True),
        "timezone": "Asia/Kolkata",
        "health_status": "Good",
        "tags": server.get("tags") or None,
        "deleted_at": None,
        "a_field_of_next_year": {"nested": [1, "2", None]},
    }
    if state == "full" or (turn % 3 and state != "full_unlogged"):
        usage = 99 if state == "full" else 41
        row["latest_monitor_log"] = {"id": 7, "load_average": "0.2", "memory_usage": 30, "disk_usage": usage}
    elif turn % 2:
        row["latest_monitor_log"] = None
    return row


def usage_answer(server: Row) -> Row:
    """A server's usage; `full_unlogged` is known to be full by this call alone."""
    percentage = 99.5 if server.get("state") in ("full", "full_unlogged") else 41.25
    disk = {"total": 80.0, "usage_in_percentage": percentage, "usage": round(0.8 * percentage, 2), "new": "x"}
    return {"disk": disk, "memory": {"total": 2}, "serverLoad": "0.10", "cores": 2, "swap": None}


def application_rows(server: Row, *, cut: bool) -> list[Row]:
    """A server's applications; over the organization the fields are cut short and name no server."""
    rows: list[Row] = []
    for turn, application in enumerate(server["applications"]):
        row = {"id": application["id"], "name": application["name"], "framework": "wordpress", "stack": None}
        rest = {"server_id": server["id"], "size": application.get("size", 120), "ssl": "0"}
        rows.append(row if cut else {**row, **rest, "active": flag(turn, value=True)})
    return rows


def database_rows(server: Row) -> list[Row]:
    """A server's databases."""
    return [
        {
            "id": database["id"],
            "server_id": server["id"],
            "name": database["name"],
            "size": database.get("size", 12),
            "automatic_backup": flag(database["id"], value=False),
            "server_name": server["name"],
            "database_type": "mysql",
            "deleted_at": None,
            "collation": "utf8",
        }
        for application in server["applications"]
        if (database := application.get("database"))
    ]


def backup_row(row: Row, status: str, *, full: bool) -> Row:
    """A backup as the list shows it; `full` says that its archives are there and hold something."""
    body: Row = row["body"]
    files = body["type"] != "database"
    tables = body["type"] != "filesystem" and body.get("database_id") is not None
    server_id = None if row["id"] % 2 else row["server_id"]
    database = {"id": body.get("database_id"), "server_id": server_id, "name": "tables"}
    return {
        "id": row["id"],
        "backup_config_id": row["backup_config_id"],
        "organization_id": row["organization"],
        "server_id": server_id,
        "cloud_storage_provider_id": body["cloud_storage_provider_id"],
        "application_id": body["application_id"],
        "database_id": body.get("database_id"),
        "backup_hash": hashlib.sha256(str(row["id"]).encode()).hexdigest()[:12],
        "application_extension": body.get("application_extension") if files else None,
        "database_extension": body.get("database_extension") if tables else None,
        "application_size": 48.5 if full and files else 0,
        "database_size": 3.25 if full and tables else 0,
        "total_application_size": 120 if files else 0,
        "total_database_size": 12 if tables else 0,
        "status": status,
        "application_available_in_cloudstorage": flag(row["id"], value=full and files),
        "database_available_in_cloudstorage": flag(row["id"] + 1, value=full and tables),
        "expires_at": None,
        "created_at": stamp(row["created"]),
        "updated_at": stamp(row["created"]),
        "deleted_at": None,
        "provider": body["provider"],
        "totalSize": "51.75 MB",
        "checksum_v2": None,
        "database": database if tables else None,
        "application": {"id": body["application_id"], "system_user_id": 1, "name": row["application_name"]},
        "backup_configuration": {"id": row["backup_config_id"], "name": row["name"]},
    }


def named(row: Row, names: str) -> Row:
    """A backup's row with its name where this stranger shows names, if it does."""
    configuration = row["backup_configuration"]
    name = configuration["name"]
    if names == "absent":
        return {field: value for field, value in row.items() if field != "backup_configuration"}
    if names == "top":
        return {**row, "name": name, "backup_configuration": {"id": configuration["id"]}}
    shown = {"null": None, "cut": name and name[:12]}.get(names, name)
    return {**row, "backup_configuration": {**configuration, "name": shown}}
