"""The fields of a file that lists fleets."""

import re
from collections.abc import Callable
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from fleet.inventory.fleet_file_fields import Cap
from fleet.inventory.request import Schedule
from fleet.schedules.schedules import ScheduleError, check_zone, time_of_day

_WORD: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST_NAME: Final = 60
_NO_NAME_OF_PREFECT: Final = frozenset("/%&><")
"""Characters that Prefect refuses in the name of a pool or a queue."""


def _word(value: str) -> str:
    """A name that is the same in a deployment's name, an artifact's key, a tag, a metric's file and a URL."""
    if len(value) > _LONGEST_NAME or not _WORD.fullmatch(value):
        problem = "must be lower-case letters, digits and single dashes, such as acme-shops, at most {longest}"
        raise PydanticCustomError("word", problem, {"longest": _LONGEST_NAME})
    return value


def _named_in_prefect(value: str) -> str:
    if not value.strip() or _NO_NAME_OF_PREFECT & set(value):
        raise PydanticCustomError("prefect_name", "must be a name without / % & > <")
    return value


def _checked(check: Callable[[str], object]) -> Callable[[str], str]:
    def checked(value: str) -> str:
        try:
            check(value)
        except ScheduleError as error:
            raise PydanticCustomError("schedule", "{problem}", {"problem": str(error)}) from None
        return value

    return checked


Word = Annotated[
    str,
    AfterValidator(_word),
    WithJsonSchema({"type": "string", "pattern": f"^{_WORD.pattern}$", "maxLength": _LONGEST_NAME}),
]
PrefectName = Annotated[str, AfterValidator(_named_in_prefect)]
Zone = Annotated[str, AfterValidator(_checked(check_zone))]
TimeOfDay = Annotated[
    str,
    AfterValidator(_checked(time_of_day)),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{1,2}:[0-9]{1,2}$"}),
]
Text = Annotated[str, Field(min_length=1)]


class FleetLayer(BaseModel):
    """The fields of one fleet, or of `defaults` for every fleet; nearest wins."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    credentials: Word | None = Field(
        None, description="The ServerAvatar Credentials block of the account. Default: the environment of the run."
    )
    token_file: Text | None = Field(
        None,
        description="A file with the account's API token instead, beside this file; for `run` only. Deployments need "
        "`credentials`.",
    )
    zone: Zone | None = Field(None, description="The time zone of the schedules, as `deploy --zone` has it.")
    nightly_at: TimeOfDay | None = Field(None, description="Time of day of `nightly`.")
    nightly_every: Schedule | None = Field(None, description="Schedule of `nightly`.")
    plans_at: TimeOfDay | None = Field(None, description="Time of day of `plans`.")
    audit_at: TimeOfDay | None = Field(None, description="Time of day of `audit`.")
    hourly: Text | None = Field(
        None, description="Servers to back up every hour: name, tag:x or group:x; turns `hourly` on."
    )
    pool: PrefectName | None = Field(None, description="The work pool whose workers execute the runs.")
    queue: PrefectName | None = Field(None, description="The work queue of the pool.")
    max_running_per_server: Cap | None = Field(
        None, description="Maximum concurrent backups per server, in place of the fleet file's."
    )
    max_running_per_provider: Cap | None = Field(
        None, description="Maximum concurrent backups per cloud storage provider, in place of the fleet file's."
    )


class ListedFleet(FleetLayer):
    """One fleet: a fleet file, and the account that its backups are created with."""

    name: Word = Field(description="What deployments, artifacts, metrics and messages call it.")
    file: Text = Field(description="Its fleet file; relative to the folder of this file.")


class Together(BaseModel):
    """When the deployment `all-fleets` starts the fleets' runs; then their own nightly schedules are off."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    at: TimeOfDay = Field(description="Time of day.")
    every: Schedule = Field("Every Day", description="Its schedule.")
    zone: Zone | None = Field(None, description="Its time zone. Default: that of `defaults`.")


class FleetsFile(BaseModel):
    """Several fleets, each with an account of its own."""

    model_config = ConfigDict(extra="forbid", frozen=True, title="fleet-backup fleets")

    defaults: FleetLayer | None = Field(None, description="Fields for every fleet.")
    all_fleets: Together | None = Field(
        None, description="Back all of them up together, with one verdict and one message."
    )
    fleets: list[ListedFleet] = Field(min_length=1, description="The fleets.")
