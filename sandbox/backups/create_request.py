"""The seed's table of parameters as data, and how a body is read by it.

Two kinds of refusal, as in the seed: a body that breaks the table (422, every mistake at once), and a value that the
seed answers with a specific message (500). Whether ids exist is checked elsewhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Literal

from sandbox.answers.refusal import Refusal
from sandbox.backups.schedules import RETENTION_MONTHS, SCHEDULES
from sandbox.world.clock import read_start

PROVIDERS = ("gdrive", "amazon_s3", "dropbox", "serveravatar", "wasabi", "custom_s3")
TYPES = ("filesystem", "database", "application")
APPLICATION_EXTENSIONS = (".tar", ".tar.gz")
DATABASE_EXTENSIONS = (".sql", ".sql.gz")

# 500s of the seed, word for word.
INVALID_SCHEDULE = "Invalid schedule!"
INVALID_RETENTION_PERIOD = "Invalid retention period!"
START_NOT_IN_FUTURE = "Start from choose future date!"

FieldType = Literal["string", "numeric", "boolean", "start"]
_FLAGS: dict[object, bool] = {True: True, False: False, "1": True, "0": False, "true": True, "false": False}


@dataclass(frozen=True)
class Condition:
    """A field that makes another one required when it has one of these values."""

    field: str
    values: tuple[str | bool, ...]

    def words(self, given: object) -> str:
        """The end of "The ... field is required when ..."."""
        value = str(given).lower() if isinstance(given, bool) else given
        return f"{_words(self.field)} is {value}"


@dataclass(frozen=True)
class Parameter:
    """One row of the seed's table."""

    name: str
    type: FieldType
    required: bool = False
    choices: tuple[str, ...] = ()
    required_if: Condition | None = None


TABLE: tuple[Parameter, ...] = (
    Parameter("name", "string"),
    Parameter("provider", "string", required=True, choices=PROVIDERS),
    Parameter("cloud_storage_provider_id", "numeric", required=True),
    Parameter("automatic_backup", "boolean", required=True),
    Parameter("type", "string", required=True, choices=TYPES),
    Parameter("application_id", "numeric", required=True),
    Parameter("database_id", "numeric"),
    # No choices here: the seed answers a wrong one with a specific 500, not with a 422.
    Parameter("schedule", "string", required_if=Condition("automatic_backup", (True,))),
    Parameter("retention_period", "string", required_if=Condition("provider", ("serveravatar",))),
    Parameter("start_backup_from_now", "boolean"),
    Parameter("start_backup", "start", required_if=Condition("start_backup_from_now", (False,))),
    Parameter(
        "application_extension",
        "string",
        choices=APPLICATION_EXTENSIONS,
        required_if=Condition("type", ("application", "filesystem")),
    ),
    Parameter(
        "database_extension",
        "string",
        choices=DATABASE_EXTENSIONS,
        required_if=Condition("type", ("application", "database")),
    ),
)


@dataclass(frozen=True)
class CreateRequest:
    """A body that the table accepts.

    Attributes:
        start: first due date of a plan, in seconds since the epoch; None starts from now.
    """

    provider: str
    cloud_storage_provider_id: int
    automatic_backup: bool
    type: str
    application_id: int
    database_id: int | None
    name: str | None
    schedule: str | None
    retention_period: str | None
    start: float | None
    application_extension: str | None
    database_extension: str | None

    @property
    def packs_application(self) -> bool:
        """Whether the application's files are part of it."""
        return self.type != "database"

    @property
    def dumps_database(self) -> bool:
        """Whether a database is part of it."""
        return self.type != "filesystem" and self.database_id is not None


def read_create(body: Mapping[str, object], zone: tzinfo = UTC) -> CreateRequest:
    """Read the body of a create by the seed's table; a start is a time in `zone`.

    Raises:
        Refusal: 422 with every mistake, by field.
    """
    values = {parameter.name: _read(parameter, body.get(parameter.name), zone) for parameter in TABLE}
    errors = {
        parameter.name: [mistake]
        for parameter in TABLE
        if (mistake := _mistake(parameter, body.get(parameter.name), values)) is not None
    }
    if errors:
        raise Refusal.unprocessable(errors)
    from_now = values.pop("start_backup_from_now")
    start = values.pop("start_backup")
    automatic = values["automatic_backup"]
    return CreateRequest(
        **{**values, "name": None if automatic else values["name"]},  # type: ignore[arg-type]  # checked above
        start=start if from_now is False and isinstance(start, float) else None,
    )


def judge_create(request: CreateRequest, now: float) -> None:
    """Check the values for which the seed has a specific message.

    Args:
        request: a body that the table accepts.
        now: the API's time, in seconds since the epoch.

    Raises:
        Refusal: 500 with the seed's message.
    """
    if request.schedule is not None and request.schedule not in SCHEDULES:
        raise Refusal(500, INVALID_SCHEDULE)
    if request.retention_period is not None and request.retention_period not in RETENTION_MONTHS:
        raise Refusal(500, INVALID_RETENTION_PERIOD)
    if request.start is not None and request.start <= now:
        raise Refusal(500, START_NOT_IN_FUTURE)


def _read(parameter: Parameter, given: object, zone: tzinfo) -> object:
    """The value of a field, or None where it is missing or of the wrong type."""
    if parameter.type == "boolean":
        return _FLAGS.get(given) if isinstance(given, bool | int | str) else None
    if parameter.type == "numeric":
        return _number(given)
    text = given if isinstance(given, str) and given else None
    return read_start(text, zone) if text is not None and parameter.type == "start" else text


def _number(given: object) -> int | None:
    if isinstance(given, bool):
        return None
    if isinstance(given, int):
        return given
    return int(given) if isinstance(given, str) and given.isascii() and given.isdigit() else None


def _mistake(parameter: Parameter, given: object, values: Mapping[str, object]) -> str | None:
    """Laravel's message about a field, if anything is wrong with it."""
    words = _words(parameter.name)
    if given is None or given == "":
        condition = parameter.required_if
        if parameter.required:
            return f"The {words} field is required."
        if condition is not None and values[condition.field] in condition.values:
            return f"The {words} field is required when {condition.words(values[condition.field])}."
        return None
    if values[parameter.name] is None:
        return {
            "boolean": f"The {words} field must be true or false.",
            "numeric": f"The {words} field must be a number.",
            "start": f"The {words} field must match the format Y-m-d H:i.",
            "string": f"The {words} field must be a string.",
        }[parameter.type]
    if parameter.choices and values[parameter.name] not in parameter.choices:
        return f"The selected {words} is invalid."
    return None


def _words(name: str) -> str:
    return name.replace("_", " ")
