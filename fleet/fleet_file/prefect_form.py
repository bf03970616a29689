"""The backup request as the form in Prefect's UI: the same fields and choices, with useful defaults.

Only what cannot be guessed is required. A form cannot show rules across fields; the run reports every mistake at once,
as for a fleet file.
"""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import ConfigDict, Field

from fleet.fleet_file.mistakes import FleetFileError, Location, Mistake
from fleet.fleet_file.resolution import resolve
from fleet.inventory.inventory import Inventory
from fleet.inventory.request import (
    ApplicationExtension,
    BackupType,
    DatabaseExtension,
    Flag,
    Identifier,
    Provider,
    RequestLayer,
    Schedule,
)

_SOURCE: Final = "the form"


def _for_people(schema: dict[str, Any]) -> None:
    """Simplify the form's JSON Schema.

    Prefect shows "X | None" as a choice between two types, and a field's name as its title. `position` keeps the order
    of the seed: PostgreSQL, where Prefect stores the schema, sorts keys by the length of their names.
    """
    for position, (name, field) in enumerate(schema["properties"].items()):
        for alternative in field.pop("anyOf", ()):
            field.update(alternative if alternative != {"type": "null"} else {})
        if field.get("default", ...) is None:
            del field["default"]
        field["position"] = position
        field["title"] = name.replace("_", " ").capitalize().removesuffix(" id") + (" ID" if name[-3:] == "_id" else "")


class BackupForm(RequestLayer):
    """What to back up, and where to store it."""

    model_config = ConfigDict(title="Backup", json_schema_extra=_for_people)

    provider: Annotated[Provider, Field(description="The cloud storage provider that stores the backup.")]
    cloud_storage_provider_id: Annotated[
        Identifier, Field(description="The ID of your integrated cloud storage provider.")
    ]
    automatic_backup: Annotated[
        Flag, Field(description="Off: one backup, now. On: a plan; the server then makes backups on a schedule.")
    ] = False
    type: Annotated[BackupType, Field(description="What to back up; an application is its files and its database.")] = (
        "application"
    )
    application_id: Annotated[Identifier, Field(description="The ID of the application on the server.")]
    schedule: Annotated[Schedule, Field(description="How often an automatic plan makes a backup.")] = "Every Day"
    start_backup_from_now: Annotated[Flag, Field(description="Whether an automatic plan starts immediately.")] = True
    application_extension: Annotated[ApplicationExtension, Field(description="The archive format of the files.")] = (
        ".tar.gz"
    )
    database_extension: Annotated[DatabaseExtension, Field(description="The dump format of the database.")] = ".sql.gz"


def inventory_of(organization: int, server: int, form: BackupForm, now: datetime) -> Inventory:
    """The inventory that one form asks for, by the rules of a fleet file.

    Args:
        organization: the server's organization.
        server: the server's id.
        form: the one backup.
        now: the time that a start time must be after.

    Raises:
        FleetFileError: with every mistake at once, each at its field of the form.
    """
    backup = form.model_dump(exclude_none=True)
    values = {"organization": organization, "servers": [{"id": server, "backups": [backup]}]}
    try:
        inventory = resolve(values, now, _SOURCE)
    except FleetFileError as error:
        mistakes = [replace(mistake, location=_in_form(mistake.location)) for mistake in error.mistakes]
        raise FleetFileError(_SOURCE, mistakes) from None
    if form.automatic_backup and form.start_backup_from_now and form.start_backup:
        problem = "is only for a plan that does not start immediately; switch start_backup_from_now off"
        raise FleetFileError(_SOURCE, [Mistake(("backup", "start_backup"), problem, form.start_backup)])
    return inventory


def _in_form(location: Location) -> Location:
    """Translate `servers[0].backups[0].schedule` to the form's `backup.schedule`."""
    return ("backup", *location[4:]) if location[:4] == ("servers", 0, "backups", 0) else location
