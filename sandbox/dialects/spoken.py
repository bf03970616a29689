"""Writes a row in a dialect."""

from typing import Any

from sandbox.dialects.dialect import Dialect
from sandbox.dialects.forms import ABSENT, write_flag, write_id, write_size, write_stamp
from sandbox.dialects.names import with_name

_BACKUP_FLAGS = frozenset({"application_available_in_cloudstorage", "database_available_in_cloudstorage"})
_FLAGS = _BACKUP_FLAGS | {"ssh_status", "agent_status", "active", "ssl", "automatic_backup"}
_ARCHIVE_SIZES = frozenset({"application_size", "database_size", "totalSize"})
_BACKUP_SIZES = _ARCHIVE_SIZES | {"total_application_size", "total_database_size"}
_MADE = frozenset({"created_at", "updated_at"})
# These show that a row no longer counts; an API with such rows in its list shows them.
_GONE = frozenset({"expires_at", "deleted_at"})
_LEFT_OUT: dict[str, object] = {"null": None, "absent": ABSENT}


def speak(row: dict[str, Any], dialect: Dialect) -> dict[str, Any]:
    """Write any row of the API in a dialect.

    Args:
        row: fields as documented, but with times in seconds since the epoch and sizes of backups in bytes.
        dialect: how it is written.
    """
    spoken = _written(row, dialect)
    return {**spoken, "region": "fsn1", "labels": {"tier": 1}} if dialect.unknown_fields else spoken


def speak_backup(row: dict[str, Any], dialect: Dialect) -> dict[str, Any]:
    """Write a row of the backup list: as `speak`, and also its name and status."""
    words = {
        "Pending": dialect.pending_status,
        "In Progress": dialect.in_progress_status,
        "Completed": dialect.completed_status,
        "Failed": dialect.failed_status,
    }
    named = with_name({**row, "status": words.get(row["status"], row["status"])}, dialect)
    return speak({**named, "server_id": None} if dialect.null_server_ids else named, dialect)


def _written(row: dict[str, Any], dialect: Dialect) -> dict[str, Any]:
    written = {name: _value(name, value, dialect) for name, value in row.items()}
    return {name: value for name, value in written.items() if value is not ABSENT}


def _value(name: str, value: Any, dialect: Dialect) -> object:  # noqa: ANN401 - any field's
    if isinstance(value, dict):
        return _written(value, dialect)
    if name in _FLAGS:
        left_out = name in _BACKUP_FLAGS and dialect.flags in _LEFT_OUT
        return _LEFT_OUT[dialect.flags] if left_out else write_flag(value, dialect)
    if name in _BACKUP_SIZES:
        return 0 if dialect.sizes == "zero" and name in _ARCHIVE_SIZES else write_size(value, dialect)
    if name in _MADE and dialect.stamps == "absent":
        return ABSENT
    if name in _MADE | _GONE:
        return write_stamp(value, dialect)
    return write_id(value, dialect) if name == "id" or name.endswith("_id") else value
