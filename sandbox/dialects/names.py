"""How the backup list shows the name of an instant backup."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sandbox.dialects.dialect import Dialect

_CONFIGURATION = "backup_configuration"
_WRITTEN: dict[str, Callable[[str, float, Dialect], str]] = {
    "cut": lambda name, _created, dialect: name[: dialect.name_length],
    "dated": lambda name, created, _dialect: f"{name}-{datetime.fromtimestamp(created, UTC):%Y%m%d%H%M%S}",
    "slugged": lambda name, _created, _dialect: re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-"),
    "upper": lambda name, _created, _dialect: name.upper(),
    "prefixed": lambda name, _created, dialect: dialect.name_prefix + name,
    "underscored": lambda name, _created, _dialect: re.sub(r"[^0-9A-Za-z]", "_", name),
}


def with_name(row: dict[str, Any], dialect: Dialect) -> dict[str, Any]:
    """Write the name of a backup in a dialect.

    Args:
        row: a backup whose `backup_configuration` has its real name, and whose `created_at` is in seconds.
        dialect: how it is written.
    """
    configuration = row[_CONFIGURATION]
    name = configuration["name"]
    match dialect.names:
        case "configuration":
            return row
        case "null":
            return {**row, _CONFIGURATION: {**configuration, "name": None}}
        case "absent":
            return {field: value for field, value in row.items() if field != _CONFIGURATION}
        case "top":
            return {**row, "name": name, _CONFIGURATION: {"id": configuration["id"]}}
        case "title":
            return {**row, dialect.name_field: name, _CONFIGURATION: {**configuration, "name": None}}
        case written:
            shown = None if name is None else _WRITTEN[written](name, row["created_at"], dialect)
            return {**row, _CONFIGURATION: {**configuration, "name": shown}}
