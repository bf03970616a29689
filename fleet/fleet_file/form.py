"""The backup request as the form of Prefect's UI: the same fields and choices, with defaults that make sense.

Only what nobody can guess is required. The rules across fields are not the form's: it cannot show them; the run names
every mistake at once, as for a fleet file.
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
    """Take the noise out of the form's JSON Schema.

    Prefect shows "X | None" as a choice between two types, and a field's name as its title. `position` keeps the seed's
    order: PostgreSQL, where Prefect keeps the schema, would sort the fields by the length of their names.
    """
    for position, (name, field) in enumerate(schema["properties"].items()):
        for alternative in field.pop("anyOf", ()):
            field.update(alternative if alternative != {"type": "null"} else {})
        if field.get("default", ...) is None:
            del field["default"]
        field["position"] = position
        field["title"] = name.replace("_", " ").capitalize().removesuffix(" id") + (" ID" if name[-3:] == "_id" else "")


class BackupForm(RequestLayer):
    """What to back up, and where to keep it."""

    model_config = ConfigDict(title="Backup", json_schema_extra=_for_people)

    provider: Annotated[Provider, Field(description="The cloud storage provider that keeps the backup.")]
    cloud_storage_provider_id: Annotated[
        Identifier, Field(description="The ID of your integrated cloud storage provider.")
    ]
    automatic_backup: Annotated[
        Flag, Field(description="Off: one backup, now. On: a plan by which the server makes backups from then on.")
    ] = False
    type: Annotated[
        BackupType, Field(description="What is backed up; an application is its files and its database.")
    ] = "application"
    application_id: Annotated[Identifier, Field(description="The ID of the application on the server.")]
    schedule: Annotated[Schedule, Field(description="How often an automatic plan makes a backup.")] = "Every Day"
    start_backup_from_now: Annotated[Flag, Field(description="Whether an automatic plan starts at once.")] = True
    application_extension: Annotated[ApplicationExtension, Field(description="The archive of the files.")] = ".tar.gz"
    database_extension: Annotated[DatabaseExtension, Field(description="The dump of the database.")] = ".sql.gz"


def inventory_of(organization: int, server: int, form: BackupForm, now: datetime) -> Inventory:
    """The inventory of what one form asks for, by the rules of a fleet file.

    Args:
        organization: the server's organization.
        server: its id.
        form: the one backup.
        now: the time that a start time must be after.

    Raises:
        FleetFileError: with every mistake at once, each at the form's own field.
    """
    backup = form.model_dump(exclude_none=True)
    values = {"organization": organization, "servers": [{"id": server, "backups": [backup]}]}
    try:
        inventory = resolve(values, now, _SOURCE)
    except FleetFileError as error:
        mistakes = [replace(mistake, location=_in_form(mistake.location)) for mistake in error.mistakes]
        raise FleetFileError(_SOURCE, mistakes) from None
    if form.automatic_backup and form.start_backup_from_now and form.start_backup:
        problem = "is only for a plan that does not start from now; switch start_backup_from_now off"
        raise FleetFileError(_SOURCE, [Mistake(("backup", "start_backup"), problem, form.start_backup)])
    return inventory


def _in_form(location: Location) -> Location:
    """`servers[0].backups[0].schedule` is the form's `backup.schedule`."""
    return ("backup", *location[4:]) if location[:4] == ("servers", 0, "backups", 0) else location
