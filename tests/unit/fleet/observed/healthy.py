"""A healthy server and application, and the first problem of a target there."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from fleet.inventory.request import BackupRequest
from fleet.observed.disk_space import DiskRules
from fleet.observed.observed import Observed, ObservedOrganization
from fleet.observed.preconditions import problem_of
from fleet.serveravatar.models import Application, Database, Server, StorageProvider
from tests.unit.fleet.builders import target

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)

RULES = DiskRules(headroom=1.2, reserve_mb=300.0, smallest_disk_gb=10.0)


def server(number: int = 15, agent: object = "1", disk_usage: object = 28) -> Server:
    row: dict[str, Any] = {
        "id": number,
        "name": "web-0001",
        "agent_status": agent,
        "latest_monitor_log": {"disk_usage": disk_usage},
    }
    return Server(**row)


WELL = ObservedOrganization(
    servers={15: server()},
    providers={10: StorageProvider(id=10, name="Wasabi", provider="wasabi")},
    applications={15: {4246: Application(id=4246, name="shop", size=1000.0)}},
    databases={4223: Database(id=4223, server_id=15, size=500.0)},
)


def problem(request: BackupRequest | None = None, server_id: int = 15, **changes: Any) -> str | None:
    wanted = target(request, server_id=server_id)
    return problem_of(wanted, Observed({5: replace(WELL, **changes)}), RULES, NOW)
