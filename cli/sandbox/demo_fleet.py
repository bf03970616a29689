"""The demo's fleet file, and the faults of the demo's API."""

from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

from sandbox.world.world import describe

PASSING_FAULTS: Final[tuple[dict[str, Any], ...]] = (
    {"kind": "answer", "call": "create", "status": 500, "moment": "before", "probability": 0.15},
    {"kind": "answer", "call": "create", "status": 500, "moment": "after", "probability": 0.10},
    {"kind": "answer", "call": "create", "status": 503, "moment": "before", "probability": 0.10},
    {"kind": "drop", "call": "create", "moment": "after", "probability": 0.05},
    {"kind": "answer", "call": "reading", "status": 502, "moment": "before", "probability": 0.05},
)
"""A bad night: the API fails before the work, fails after it, and drops connections."""


def write_fleet_file(sandbox: Path, fleet: Path) -> None:
    """Write the fleet file of the world in a sandbox's folder."""
    with fleet.open("w", encoding="utf-8") as file:
        YAML(typ="safe").dump(fleet_file(describe(sandbox)), file)


def fleet_file(world: dict[str, Any]) -> dict[str, Any]:
    """Make the fleet file of a sandbox's world: every application of every server, and one automatic plan.

    Args:
        world: as `sandbox.world.world.describe` returns it.
    """
    servers = []
    for server in world["servers"]:
        staging = "staging" in server["tags"]
        backups = [
            {"application_id": row["id"], "database_id": row["database_id"]}
            for row in world["applications"]
            if row["server_id"] == server["id"]
        ]
        if staging:
            backups[-1]["name"] = "before-the-release"
            backups[0] |= {"automatic_backup": True, "schedule": "Every Day", "start_backup_from_now": True}
        entry = {"id": server["id"], "name": server["name"], "tags": server["tags"], "backups": backups}
        servers.append({**entry, "groups": ["staging"]} if staging else entry)
    return {
        "organization": world["organization"]["id"],
        "defaults": {
            "provider": "wasabi",
            "cloud_storage_provider_id": _provider(world, "wasabi"),
            "automatic_backup": False,
            "type": "application",
            "application_extension": ".tar.gz",
            "database_extension": ".sql.gz",
        },
        "groups": {"staging": {"provider": "gdrive", "cloud_storage_provider_id": _provider(world, "gdrive")}},
        "servers": servers,
    }


def _provider(world: dict[str, Any], kind: str) -> int:
    return next(int(row["id"]) for row in world["providers"] if row["provider"] == kind)
