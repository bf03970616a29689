"""One schedule of a deployment in `prefect.yaml`."""

from datetime import date
from typing import Annotated, Any, Final

from prefect.client.schemas.schedules import SCHEDULE_TYPES, construct_schedule
from pydantic import BaseModel, ConfigDict, Field, model_validator

from deployments.schedules import in_words, prefect_schedule
from fleet.inventory.request import Schedule
from fleet.schedules.schedules import FIRST_DAY, check_zone, schedule, time_of_day

_MIDNIGHT: Final = "00:00"
_A_DAY: Final = 86400.0


class ScheduleEntry(BaseModel):
    """One schedule: one of the API's names (`every`), or one of Prefect's kinds.

    `active` true: turned on by every deploy; false: off when new; omitted: on when new. Otherwise the UI's setting
    stays.
    """

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    slug: str | None = None
    active: bool | None = None
    parameters: dict[str, Any] = Field(default_factory=dict)
    timezone: str = "UTC"
    every: Schedule | None = None
    at: str = _MIDNIGHT
    first: Annotated[date, Field(alias="from")] = FIRST_DAY
    cron: str | None = None
    interval: float | None = None
    anchor_date: str | None = None
    rrule: str | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> "ScheduleEntry":
        if sum(kind is not None for kind in (self.every, self.cron, self.interval, self.rrule)) != 1:
            raise ValueError("must hold exactly one of: every, cron, interval, rrule")
        self.value()
        return self

    def value(self) -> SCHEDULE_TYPES:
        """The schedule for Prefect.

        Raises:
            ValueError: unknown time zone, or invalid time of day, cron expression or rule.
        """
        check_zone(self.timezone)
        if self.every:
            return prefect_schedule(schedule(self.every, time_of_day(self.at), self.timezone, self.first))
        # In a zone with daylight saving time, Prefect skips the repeated hour (`deployments.schedules`).
        zone = "UTC" if self.interval and self.interval < _A_DAY else self.timezone
        return construct_schedule(self.interval, self.anchor_date, self.cron, self.rrule, zone)

    def in_words(self) -> str:
        """The schedule for people, such as `Every Day at 01:30`."""
        if self.every:
            at = time_of_day(self.at)
            return f"Every Hour at :{at.minute:02}" if self.every == "Every Hour" else f"{self.every} at {self.at}"
        return in_words(self.value())
