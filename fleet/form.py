"""The backup request as the form of Prefect's UI: the same fields and choices, with defaults that make sense.

Only what nobody can guess is required. The rules across fields are not the form's: it cannot show them; the run names
every mistake at once, as for a fleet file.
"""

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from fleet.request import (
    ApplicationExtension,
    BackupType,
    DatabaseExtension,
    Flag,
    Identifier,
    Provider,
    RequestLayer,
    Schedule,
)


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
