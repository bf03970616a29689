"""Writes rows as the API does; the fields are those that serveravatar-api.md lists."""

import json
from typing import Any

from sandbox.dialects.dialect import Speaking
from sandbox.dialects.spoken import speak, speak_backup
from sandbox.world.disk import megabytes
from sandbox.world.state import Row

_SHORT_APPLICATION = ("id", "name", "primary_domain", "framework")


class RowWriter:
    """Rows of the API in the current dialect."""

    def __init__(self, speaking: Speaking) -> None:
        self._speaking = speaking

    def organization(self, row: Row) -> dict[str, Any]:
        """A row of the list of organizations."""
        return self._spoken({"id": row["id"], "name": row["name"], "created_at": row["created_at"], "members": 1})

    def organization_page(self, row: Row) -> dict[str, Any]:
        """One organization."""
        created = row["created_at"]
        return self._spoken(
            {
                "id": row["id"],
                "name": row["name"],
                "description": row["description"],
                "created_at": created,
                "updated_at": created,
            }
        )

    def server(self, row: Row, now: float) -> dict[str, Any]:
        """A server, in the list or by itself."""
        connected = bool(row["connected"])
        return self._spoken(
            {
                "id": row["id"],
                "organization_id": row["organization_id"],
                "provider_name": "hetzner",
                "ip": f"10.{row['id'] // 65536 % 256}.{row['id'] // 256 % 256}.{row['id'] % 256}",
                "name": row["name"],
                "hostname": f"{row['name']}.example.org",
                "operating_system": "ubuntu",
                "version": "22.04",
                "arch": "x86_64",
                "cores": 2,
                "web_server": "nginx",
                "ssh_status": "1" if connected else "0",
                "agent_status": "1" if connected else "0",
                "agent_version": "2.1.0",
                "database_type": "mysql",
                "timezone": row["timezone"],
                "health_status": "Good" if connected else "Critical",
                "health_message": None if connected else "The server is not reachable.",
                "restart_required": 0,
                "tags": json.loads(row["tags"]),
                "created_at": row["created_at"],
                "updated_at": now,
                "deleted_at": None,
                "latest_monitor_log": self._monitor_log(row, now),
            }
        )

    def application(self, row: Row) -> dict[str, Any]:
        """An application, as its server lists it."""
        created = row["created_at"]
        return self._spoken(
            {
                "id": row["id"],
                "name": row["name"],
                "primary_domain": row["domain"],
                "framework": row["framework"],
                "active": int(row["active"]),
                "size": megabytes(row["bytes"]),
                "ssl": 1,
                "server_id": row["server_id"],
                "created_at": created,
                "updated_at": created,
            }
        )

    def organization_application(self, row: Row) -> dict[str, Any]:
        """An application, as the organization lists it: cut short, unless the dialect has it in full."""
        full = self.application(row)
        if self._speaking.dialect.full_application_rows:
            return full
        return {name: full[name] for name in _SHORT_APPLICATION}

    def database(self, row: Row) -> dict[str, Any]:
        """A database, as a row of `queries.DATABASE_ROWS`."""
        created = row["created_at"]
        return self._spoken(
            {
                "id": row["id"],
                "server_id": row["server_id"],
                "name": row["name"],
                "size": megabytes(row["bytes"]),
                "automatic_backup": int(row["planned"] and self._speaking.dialect.automatic_backup_flips),
                "database_type": "mysql",
                "agent_status": str(row["connected"]),
                "server_name": row["server_name"],
                "created_at": created,
                "updated_at": created,
                "deleted_at": None,
            }
        )

    def provider(self, row: Row) -> dict[str, Any]:
        """A cloud storage provider."""
        return self._spoken({name: row[name] for name in ("id", "name", "provider", "email")})

    def backup(self, row: Row) -> dict[str, Any]:
        """A backup; the row has the names that it refers to (see `queries.BACKUP_ROWS`)."""
        application, database = row["application_bytes"], row["database_bytes"]
        return speak_backup(
            {
                "id": row["id"],
                "backup_config_id": row["configuration_id"],
                "organization_id": row["organization_id"],
                "server_id": row["server_id"],
                "cloud_storage_provider_id": row["provider_id"],
                "application_id": row["application_id"],
                "database_id": row["database_id"],
                "backup_hash": row["hash"],
                "application_extension": row["application_extension"],
                "database_extension": row["database_extension"],
                "application_size": application,
                "database_size": database,
                "total_application_size": row["total_application_bytes"],
                "total_database_size": row["total_database_bytes"],
                "status": row["status"],
                "application_available_in_cloudstorage": int(application > 0),
                "database_available_in_cloudstorage": int(database > 0),
                "expires_at": row["expires_at"],
                "created_at": row["created_at"],
                "updated_at": row["updated_at"],
                "deleted_at": row["deleted_at"],
                "provider": row["provider"],
                "totalSize": application + database,
                "database": _database_of(row),
                "application": {
                    "id": row["application_id"],
                    "system_user_id": row["application_id"],
                    "name": row["application_name"],
                },
                "backup_configuration": {"id": row["configuration_id"], "name": row["configuration_name"]},
            },
            self._speaking.dialect,
        )

    def _monitor_log(self, row: Row, now: float) -> dict[str, Any] | None:
        if not (self._speaking.dialect.monitor_logs and row["monitored"]):
            return None
        measured = now - now % 60
        return {
            "id": 90000 + row["id"],
            "load_average": "0.42",
            "memory_usage": 41,
            "disk_usage": round(100 * row["disk_used_gb"] / row["disk_total_gb"]),
            "created_at": measured,
            "updated_at": measured,
        }

    def _spoken(self, row: dict[str, Any]) -> dict[str, Any]:
        return speak(row, self._speaking.dialect)


def usage(row: Row) -> dict[str, Any]:
    """The `S/usage` of a server; sizes in GB."""
    total, used = row["disk_total_gb"], row["disk_used_gb"]
    return {
        "disk": {
            "total": total,
            "usage_in_percentage": round(100 * used / total, 2),
            "usage": used,
        },
        "memory": {"total": 3.82, "usage_in_percentage": 41.1, "usage": 1.57},
        "serverLoad": "0.42",
        "cores": 2,
    }


def _database_of(row: Row) -> dict[str, Any] | None:
    if row["database_id"] is None:
        return None
    return {"id": row["database_id"], "server_id": row["server_id"], "name": row["database_name"]}
