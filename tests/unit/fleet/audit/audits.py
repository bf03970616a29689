"""Audits of small fleets in a fake panel, for the tests of this room."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio

from fleet.audit.auditing import audit
from fleet.audit.report import AuditReport, build
from fleet.backup_list.sightings import Sightings
from fleet.inventory.expectation import Expectation, MutedThing
from fleet.inventory.inventory import Inventory, InventoryServer
from fleet.inventory.target import Target
from fleet.report.progress import Silence
from tests.unit.fleet.builders import FakeApi, backup_row, server_row, target

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)

Rows = Sequence[dict[str, Any]]


def row(number: int, hours: float = 3, **changes: Any) -> dict[str, Any]:
    """A good backup of the builders' target that began so many hours ago."""
    fields: dict[str, Any] = {
        "application_id": 4246,
        "database_id": 4223,
        "cloud_storage_provider_id": 10,
        "application_extension": ".tar.gz",
        "database_extension": ".sql.gz",
        "application_size": 4.0,
        "database_size": 1.0,
        "created_at": f"{NOW - timedelta(hours=hours):%Y-%m-%d %H:%M:%S}",
    }
    return backup_row(number, None, **(fields | changes))


class Notebook:
    """Remembers like the ledger, and says nothing."""

    def __init__(self) -> None:
        self.kept: dict[int, Sightings] = {}

    async def recall(self, organization: int) -> Sightings | None:
        return self.kept.get(organization)

    async def remember(self, organization: int, before: Sightings | None, after: Sightings) -> None:  # noqa: ARG002 - of the protocol
        self.kept[organization] = after


def inventory(*targets: Target, muted: Sequence[MutedThing] = ()) -> Inventory:
    return Inventory((InventoryServer(15, "web-0001", (), (), targets),), muted=tuple(muted))


def fake(backups: Rows, applications: Sequence[int] = (4246,), databases: Sequence[int] = (4223,)) -> FakeApi:
    return FakeApi(
        {
            "/organizations/5/servers": [server_row(15)],
            "/organizations/5/applications": [{"id": number, "name": f"site-{number}"} for number in applications],
            "/organizations/5/databases": [{"id": number, "server_id": 15} for number in databases],
            BACKUPS: backups,
        }
    )


def audited(api: FakeApi, wanted: Inventory, memory: Notebook | None = None, now: datetime = NOW) -> AuditReport:
    async def run() -> AuditReport:
        return build("shops", now, {}, await audit(api.send, wanted, memory or Notebook(), now, Silence()))

    return anyio.run(run)


FAILED: dict[str, Any] = {"status": "Failed", "application_size": 0, "database_size": 0}

PENDING: dict[str, Any] = {"status": "In Progress", "application_size": 0, "database_size": 0}


BACKUPS = "/organizations/5/backups"


def expecting(**expected: Any) -> Target:
    return target(expectation=Expectation(**expected))


NOTHING = "no backup found"

FILES: dict[str, Any] = {"database_id": None, "database_extension": None, "database_size": 0}

MOST = "the limit is 26 h"
