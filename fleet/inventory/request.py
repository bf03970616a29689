"""The backup request: the body of the create call, field for field as the seed document names them.

One definition serves the fleet file, Prefect's form and the wire. `RequestLayer` is a request that may be incomplete
(a `defaults`, a group, one entry of `backups`); `BackupRequest` is a complete one.

Source: the seed document's table of parameters (docs/seed.md maps each row to code and test).
"""

from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

START_FORMAT: Final = "%Y-%m-%d %H:%M"
"""The seed's `Y-m-d H:i`. Read as UTC (docs/decisions/0004-start-times-are-utc.md)."""
PAST: Final = "past"
"""The kind of mistake: a start time that is not in the future."""


def _flag(value: object) -> object:
    """Accept what the seed calls a Boolean: true, false, and the 1 and 0 of its example."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int) and value in (0, 1):
        return bool(value)
    raise PydanticCustomError("flag", "must be true or false")


def _number(value: object) -> object:
    """Accept what the seed calls Numeric: a whole number above zero, quoted or not."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63:
        return value
    if value is None:
        return None
    raise PydanticCustomError("number", "must be a whole number above 0")


def _start(value: object) -> object:
    """Accept exactly `Y-m-d H:i`: the API would read another form as another time."""
    if value is None:
        return None
    try:
        if isinstance(value, str) and start_time(value).strftime(START_FORMAT) == value:
            return value
    except ValueError:
        pass
    raise PydanticCustomError("start", 'must be a time in the form "Y-m-d H:i", for example "2030-07-13 17:49"')


def start_time(text: str) -> datetime:
    """Read a `start_backup`.

    Returns:
        The time in UTC.

    Raises:
        ValueError: the text is not of the form `Y-m-d H:i`.
    """
    return datetime.strptime(text, START_FORMAT).replace(tzinfo=UTC)


Identifier = Annotated[int, BeforeValidator(_number)]
Flag = Annotated[bool, BeforeValidator(_flag)]
BackupType = Literal["filesystem", "database", "application"]
Provider = Literal["gdrive", "amazon_s3", "dropbox", "serveravatar", "wasabi", "custom_s3"]
Schedule = Literal[
    "Every Hour",
    "Every 3 Hours",
    "Every 6 Hours",
    "Every 12 Hours",
    "Every Day",
    "Every 2 Days",
    "Every Week",
    "Every Month",
    "Twice a Month",
    "Every 3 Months",
    "Every 6 Months",
    "Every Year",
]
RetentionPeriod = Literal["1 Month", "2 Months", "3 Months", "6 Months", "12 Months", "24 Months"]
ApplicationExtension = Literal[".tar", ".tar.gz"]
DatabaseExtension = Literal[".sql", ".sql.gz"]


class Condition(NamedTuple):
    """Holds when `field` has one of `values`."""

    field: str
    values: tuple[object, ...]


REQUIRED_WHEN: Final[dict[str, Condition]] = {
    "schedule": Condition("automatic_backup", (True,)),
    "retention_period": Condition("provider", ("serveravatar",)),
    "start_backup": Condition("start_backup_from_now", (False,)),
    "application_extension": Condition("type", ("application", "filesystem")),
    "database_extension": Condition("type", ("application", "database")),
}
"""The seed's "Required if" column."""

APPLIES_WHEN: Final[dict[str, tuple[Condition, ...]]] = {
    "name": (Condition("automatic_backup", (False,)),),
    "schedule": (Condition("automatic_backup", (True,)),),
    "start_backup_from_now": (Condition("automatic_backup", (True,)),),
    "start_backup": (
        Condition("automatic_backup", (True,)),
        Condition("start_backup_from_now", (False, None)),
    ),
    "application_extension": (Condition("type", ("application", "filesystem")),),
    "database_extension": (Condition("type", ("application", "database")),),
}
"""When a field applies. Otherwise it came from a layer that other backups share, and is not sent."""


class RequestLayer(BaseModel):
    """Some fields of a backup request: a `defaults`, a group, or one entry of `backups`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[
        str | None,
        Field(min_length=1, description="A name for an instant backup. Left out of automatic plans."),
    ] = None
    provider: Annotated[Provider | None, Field(description="The cloud storage provider.")] = None
    cloud_storage_provider_id: Annotated[
        Identifier | None, Field(description="The id of your integrated cloud storage provider.")
    ] = None
    automatic_backup: Annotated[
        Flag | None, Field(description="True for an automatic plan, false for an instant backup.")
    ] = None
    type: Annotated[
        BackupType | None, Field(description="What is backed up; an application is files and database.")
    ] = None
    application_id: Annotated[Identifier | None, Field(description="The id of the application on the server.")] = None
    database_id: Annotated[Identifier | None, Field(description="The id of the database on the server.")] = None
    schedule: Annotated[Schedule | None, Field(description="How often an automatic plan runs.")] = None
    retention_period: Annotated[
        RetentionPeriod | None,
        Field(description="How long backups are kept. Required on serveravatar's storage."),
    ] = None
    start_backup_from_now: Annotated[Flag | None, Field(description="Whether an automatic plan starts at once.")] = None
    start_backup: Annotated[
        str | None,
        BeforeValidator(_start),
        Field(description='When an automatic plan starts, in UTC, as "2030-07-13 17:49".'),
    ] = None
    application_extension: Annotated[
        ApplicationExtension | None, Field(description="The archive of the application's files.")
    ] = None
    database_extension: Annotated[DatabaseExtension | None, Field(description="The dump of the database.")] = None


class BackupRequest(RequestLayer):
    """A complete backup request, valid by every rule of the seed's table.

    Validate with the context `{"now": datetime}` to refuse past start times as well.
    """

    # A conditional field that was left out must be validated too.
    model_config = ConfigDict(validate_default=True)

    provider: Annotated[Provider, Field(description="The cloud storage provider.")]
    cloud_storage_provider_id: Annotated[
        Identifier, Field(description="The id of your integrated cloud storage provider.")
    ]
    automatic_backup: Annotated[Flag, Field(description="True for an automatic plan, false for an instant backup.")]
    type: Annotated[BackupType, Field(description="What is backed up; an application is files and database.")]
    application_id: Annotated[Identifier, Field(description="The id of the application on the server.")]

    @field_validator(*REQUIRED_WHEN)
    @classmethod
    def _required_when(cls, value: object, info: ValidationInfo) -> object:
        condition = REQUIRED_WHEN[str(info.field_name)]
        decisive = info.data.get(condition.field)
        if value is None and decisive in condition.values:
            raise PydanticCustomError(
                "required_when",
                "required because {field} is {value}",
                {
                    "field": condition.field,
                    "value": str(decisive).lower() if isinstance(decisive, bool) else decisive,
                },
            )
        return value

    @field_validator("start_backup")
    @classmethod
    def _in_the_future(cls, value: str | None, info: ValidationInfo) -> str | None:
        """Refuse a past start time if the caller gives the time; the API refuses it too."""
        now: datetime | None = (info.context or {}).get("now")
        if now and value and not info.data.get("start_backup_from_now") and start_time(value) <= now:
            raise PydanticCustomError(
                PAST, "must be in the future (it is now {now} UTC)", {"now": f"{now:{START_FORMAT}}"}
            )
        return value

    @property
    def wants_application(self) -> bool:
        """Whether the backup includes the application's files."""
        return self.type != "database"

    @property
    def wants_database(self) -> bool:
        """Whether the backup includes a database."""
        return self.type == "database" or (self.type == "application" and self.database_id is not None)

    @property
    def starts_now(self) -> bool:
        """Whether a backup starts at once: an instant one, or the first of a plan that starts from now."""
        return not self.automatic_backup or bool(self.start_backup_from_now)

    def starts_before(self, now: datetime) -> bool:
        """Whether this is a plan whose start time has passed, so that it can no longer be created."""
        return self.start_backup is not None and self.applies("start_backup") and start_time(self.start_backup) <= now

    def applies(self, field: str) -> bool:
        """Whether a field applies to this request (`APPLIES_WHEN`)."""
        return all(getattr(self, test.field) in test.values for test in APPLIES_WHEN.get(field, ()))

    def body(self, name: str | None = None) -> dict[str, Any]:
        """Build the body of the create call.

        Args:
            name: the name of an instant backup in place of the request's own.

        Returns:
            The given fields that apply, in the seed's order: ids as numbers, flags as booleans.
        """
        wanted = self.model_dump(exclude_none=True) | ({"name": name} if name else {})
        return {field: wanted[field] for field in type(self).model_fields if field in wanted and self.applies(field)}
