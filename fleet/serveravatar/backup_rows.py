"""Rows of the list of backups as they come: which of their texts are names that somebody gave them.

The only example row of the vendor's pages says `"backup_configuration": {"id": 13, "name": null}`; where the `name` of
an instant backup comes back is documented nowhere. So every field that is named like one of the backup's own is read.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Final

from pydantic import TypeAdapter, ValidationError

from fleet.serveravatar.models import Backup

_NAMING: Final = ("name", "title", "label", "description", "note", "comment")
"""What the name of a field that holds a name has in it."""
_OF_OTHERS: Final = (
    *("application", "app_", "database", "db_", "server", "host", "domain", "site", "provider", "storage"),
    *("organization", "user", "system", "owner", "account", "schedule"),
)
"""How the name of a field begins that holds the name of something else."""
_OWN: Final = ("config", "backup", "plan", "detail", "meta")
"""What the name of a nested object has in it that speaks of the backup itself."""
_ADAPTER: Final = TypeAdapter(Backup)


def read_backups(rows: Iterable[object]) -> list[Backup]:
    """Read rows of the list; one that has not even an id cannot be meant by any target and is left out."""
    read: list[Backup] = []
    for row in rows:
        if isinstance(row, Mapping):
            with suppress(ValidationError):
                read.append(_ADAPTER.validate_python({**_plan(row), **row, "names": list(names_in(row))}))
    return read


def _plan(row: Mapping[str, object]) -> dict[str, object]:
    """The id of what made a backup, from the other place where the vendor's example has it."""
    configuration = row.get("backup_configuration")
    return {"backup_config_id": configuration.get("id")} if isinstance(configuration, Mapping) else {}


def names_in(row: Mapping[str, object], depth: int = 2) -> Iterable[str]:
    """The texts of a row's own name fields: at its top, and in what is nested in it about the backup itself."""
    for field, value in row.items():
        name = str(field).casefold()
        if isinstance(value, str):
            if _is_a_name(name) and value.strip():
                yield value
        elif depth and isinstance(value, Mapping) and any(word in name for word in _OWN):
            yield from names_in(value, depth - 1)


def _is_a_name(field: str) -> bool:
    return any(word in field for word in _NAMING) and not field.startswith(_OF_OTHERS)
