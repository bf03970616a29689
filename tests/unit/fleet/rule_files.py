"""Fleet files with rules for tests: whole and ordinary, but for what a test says of them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from fleet.fleet_file.resolution import resolve
from fleet.inventory.inventory import Inventory
from tests.create_bodies import INSTANT

NOW = datetime(2030, 7, 13, 17, 49, tzinfo=UTC)
DEFAULTS = {name: value for name, value in INSTANT.items() if name not in ("application_id", "database_id")}
PLAN = {"automatic_backup": True, "schedule": "Every Day"}
MATCH = {"match": "{application}_*"}
Row = Mapping[str, Any]


def inventory(*rules: Row, servers: Sequence[Row] = (), groups: Row | None = None) -> Inventory:
    """What a fleet file of organization 5 asks for."""
    values = {"organization": 5, "defaults": DEFAULTS, "select": list(rules), "groups": groups or {}}
    return resolve(values | ({"servers": list(servers)} if servers else {}), NOW, "fleet.yaml")
