"""Rows of the backup list as they come: which of their texts are names that were given to them.

The only example row in the vendor's pages has `"backup_configuration": {"id": 13, "name": null}`; in which field the
`name` of an instant backup is returned is undocumented. So every field that may hold the backup's own name is read.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Final

from pydantic import TypeAdapter, ValidationError

from fleet.serveravatar.models import Backup

_NAMING: Final = ("name", "title", "label", "description", "note", "comment")
"""Parts of the names of fields that hold a name."""
_OF_OTHERS: Final = (
    *("application", "app_", "database", "db_", "server", "host", "domain", "site", "provider", "storage"),
    *("organization", "user", "system", "owner", "account", "schedule"),
)
"""Prefixes of fields that hold the name of something else."""
_OWN: Final = ("config", "backup", "plan", "detail", "meta")
"""Parts of the names of nested objects that describe the backup itself."""
_ADAPTER: Final = TypeAdapter(Backup)


def read_backups(rows: Iterable[object]) -> list[Backup]:
    """Read rows of the backup list; a row without an id matches no target and is left out."""
    read: list[Backup] = []
    for row in rows:
        if isinstance(row, Mapping):
            with suppress(ValidationError):
                read.append(_ADAPTER.validate_python({**_plan(row), **row, "names": list(names_in(row))}))
    return read


def _plan(row: Mapping[str, object]) -> dict[str, object]:
    """The id of the backup's configuration, from the second place where the vendor's example has it."""
    configuration = row.get("backup_configuration")
    return {"backup_config_id": configuration.get("id")} if isinstance(configuration, Mapping) else {}


def names_in(row: Mapping[str, object], depth: int = 2) -> Iterable[str]:
    """The texts of a row's own name fields, at its top level and in nested objects about the backup itself."""
    for field, value in row.items():
        name = str(field).casefold()
        if isinstance(value, str):
            if _is_a_name(name) and value.strip():
                yield value
        elif depth and isinstance(value, Mapping) and any(word in name for word in _OWN):
            yield from names_in(value, depth - 1)


def _is_a_name(field: str) -> bool:
    return any(word in field for word in _NAMING) and not field.startswith(_OF_OTHERS)
