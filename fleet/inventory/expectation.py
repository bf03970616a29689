"""What is expected of a target's backups: how old and how small the newest may be, and what is muted for now.

Expectations are written in the fleet file like request fields, with the same inheritance, and are never sent.
"""

import re
from datetime import date, timedelta
from typing import Annotated, Final, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from fleet.inventory.request import BackupRequest, Identifier, Schedule

_AGE: Final = re.compile(r"([1-9][0-9]{0,4}) ?(m|h|d|w)")
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_SHARE: Final = re.compile(r"([0-9]{1,2}(?:\.[0-9]+)?|100) ?%")

NIGHTLY: Final = timedelta(hours=26)
"""How old an instant backup may be by default: a day, and two hours for the run."""
PERIODS: Final[dict[Schedule, timedelta]] = {
    "Every Hour": timedelta(hours=1),
    "Every 3 Hours": timedelta(hours=3),
    "Every 6 Hours": timedelta(hours=6),
    "Every 12 Hours": timedelta(hours=12),
    "Every Day": timedelta(days=1),
    "Every 2 Days": timedelta(days=2),
    "Every Week": timedelta(weeks=1),
    "Every Month": timedelta(days=31),
    "Twice a Month": timedelta(days=17),
    "Every 3 Months": timedelta(days=92),
    "Every 6 Months": timedelta(days=184),
    "Every Year": timedelta(days=366),
}
"""The longest time between two backups of an automatic plan."""
LATE: Final = timedelta(hours=2)
"""How late, after its schedule, a plan's backup may be complete."""


def _age(value: object) -> object:
    """Accept `90m`, `26h`, `8d`, `5w`."""
    if value is None or isinstance(value, timedelta):
        return value
    if isinstance(value, str) and (found := _AGE.fullmatch(value.strip())):
        return timedelta(**{_UNITS[found[2]]: int(found[1])})
    raise PydanticCustomError("age", 'must be an age such as "90m", "26h", "8d" or "5w"')


def _share(value: object) -> object:
    """Accept `50%`: a bare number could be a share or a percentage."""
    if value is None:
        return None
    if isinstance(value, str) and (found := _SHARE.fullmatch(value.strip())):
        return float(found[1])
    raise PydanticCustomError("share", 'must be a share such as "50%"')


def _megabytes(value: object) -> object:
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf")):
        return value
    raise PydanticCustomError("megabytes", "must be a number of MB, 0 or more")


def _day(value: object) -> object:
    """Accept a YAML date, quoted or not; a time of day is refused, since it would be lost."""
    if type(value) is date:
        return value
    try:
        if isinstance(value, str):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise PydanticCustomError("day", "must be a day such as 2027-01-31")


_AGE_SCHEMA: Final = {"type": "string", "pattern": "^[1-9][0-9]{0,4} ?(m|h|d|w)$"}
_SHARE_SCHEMA: Final = {"type": "string", "pattern": r"^([0-9]{1,2}(\.[0-9]+)?|100) ?%$"}
Age = Annotated[timedelta, BeforeValidator(_age), WithJsonSchema(_AGE_SCHEMA)]
Share = Annotated[float, BeforeValidator(_share), WithJsonSchema(_SHARE_SCHEMA)]
Megabytes = Annotated[float, BeforeValidator(_megabytes)]
Day = Annotated[date, BeforeValidator(_day)]


class Mute(BaseModel):
    """Why a finding is acceptable, and until when."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: str = Field(min_length=1, description="Why; shown in the audit.")
    until: Day = Field(description="The last muted day, in UTC.")

    def holds(self, today: date) -> bool:
        """Whether it still applies."""
        return today <= self.until


class MutedThing(Mute):
    """An application or a database that is left without a backup on purpose, for now."""

    organization: Identifier | None = Field(None, description="The organization, if not the file's.")
    application_id: Identifier | None = Field(None, description="The application.")
    database_id: Identifier | None = Field(None, description="Or the database.")

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        if (self.application_id is None) == (self.database_id is None):
            raise PydanticCustomError("one_thing", "must name either an application_id or a database_id, not both")
        return self


class Expectation(BaseModel):
    """What is expected of the backups of a target; None: the default, or no expectation."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    max_age: Age | None = Field(None, description='How old the newest good backup may be: "26h", "8d".')
    min_size_mb: Megabytes | None = Field(None, description="How small a good backup may be, in MB in the archive.")
    max_shrink: Share | None = Field(
        None, description='How much smaller than the median of the last good backups a backup may be: "50%".'
    )
    muted: Mute | None = Field(
        None, description="Accept that these expectations are not met, with a reason and a last day."
    )

    def longest_age(self, request: BackupRequest) -> timedelta:
        """How old the newest good backup of a request may be: as given, otherwise by its schedule."""
        if self.max_age is not None:
            return self.max_age
        if request.automatic_backup and request.schedule:
            return PERIODS[request.schedule] + LATE
        return NIGHTLY


NOTHING_SAID: Final = Expectation.model_construct(max_age=None, min_size_mb=None, max_shrink=None, muted=None)
