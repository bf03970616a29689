"""Adds earlier backups to the list: old, failed or small ones. They have no archives."""

from dataclasses import dataclass
from typing import Any, get_type_hints

from sandbox.world.state import Row, State

_MEGABYTE = 10**6


@dataclass(frozen=True)
class EarlierBackup:
    """One backup of an application and its database.

    Attributes:
        application_id: the application.
        age_seconds: how long ago it started.
        status: as the API writes it.
        megabytes: size of the file archive; the database archive has a tenth of it. 0 unless completed.
        provider_id: the storage provider.
        plan: whether an automatic plan made it.
        name: of an instant backup.
        expires_in: seconds until its `expires_at`, negative if it has passed; None for none.
    """

    application_id: int
    age_seconds: float
    status: str = "Completed"
    megabytes: float = 5.0
    provider_id: int = 10
    plan: bool = False
    name: str | None = None
    expires_in: float | None = None


def read_earlier(given: object) -> EarlierBackup:
    """Read one from JSON. Raises ValueError: it is wrong."""
    if not isinstance(given, dict):
        raise ValueError("a backup must be an object")  # noqa: TRY004 - what was sent is wrong, not a type of ours
    kinds: dict[str, Any] = {
        **get_type_hints(EarlierBackup),
        "age_seconds": int | float,
        "megabytes": int | float,
        "expires_in": int | float | None,
    }
    for name, value in given.items():
        if name not in kinds or not isinstance(value, kinds[name]):
            raise ValueError(f"{name}: unknown field or wrong type: {value!r} (fields: {', '.join(kinds)})")
    if missing := {"application_id", "age_seconds"} - given.keys():
        raise ValueError(f"{min(missing)} is missing")
    return EarlierBackup(**given)


def add_earlier(state: State, backups: list[EarlierBackup], now: float) -> int:
    """Add backups, oldest first, so that ids grow with time; return their number.

    Raises:
        LookupError: unknown application.
    """
    state.begin()
    try:
        for backup in sorted(backups, key=lambda each: -each.age_seconds):
            _add(state, backup, now)
    finally:
        state.commit()
    return len(backups)


def _add(state: State, backup: EarlierBackup, now: float) -> None:
    created = now - backup.age_seconds
    application = state.find("applications", id=backup.application_id)
    if application is None:
        raise LookupError(f"no application {backup.application_id}")
    owner: Row = {"organization_id": application["organization_id"], "server_id": application["server_id"]}
    configuration = state.insert(
        "configurations",
        **owner,
        name=backup.name,
        automatic=backup.plan,
        request="{}",
        starts_at=created,
        dues_made=1,
        made_by="earlier",
    )
    size = int(backup.megabytes * _MEGABYTE) if backup.status == "Completed" else 0
    state.insert(
        "backups",
        **owner,
        configuration_id=configuration,
        provider_id=backup.provider_id,
        application_id=application["id"],
        database_id=application["database_id"],
        hash=f"{configuration:032x}",
        application_extension=".tar.gz",
        database_extension=".sql.gz",
        application_bytes=size,
        database_bytes=size // 10,
        status=backup.status,
        created_at=created,
        updated_at=created,
        expires_at=None if backup.expires_in is None else now + backup.expires_in,
    )
