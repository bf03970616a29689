"""One schedule of a deployment as `prefect.yaml` has it."""

from datetime import date
from typing import Annotated, Any, Final

from prefect.client.schemas.schedules import SCHEDULE_TYPES, CronSchedule, IntervalSchedule, construct_schedule
from pydantic import BaseModel, ConfigDict, Field, model_validator

from deployments.schedules import prefect_schedule
from fleet.inventory.request import Schedule
from fleet.schedules.schedules import FIRST_DAY, check_zone, schedule, time_of_day

_MIDNIGHT: Final = "00:00"
_A_DAY: Final = 86400.0


class ScheduleEntry(BaseModel):
    """One schedule: one of the API's names (`every`), or one of Prefect's kinds.

    `active` is true: switched on by every deploy; false: off when it is new; left out: on when it is new. What is not
    switched on stays as it was switched in the UI.
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
        """The schedule as Prefect has it.

        Raises:
            ValueError: there is no such zone, time of day, cron expression or rule.
        """
        check_zone(self.timezone)
        if self.every:
            return prefect_schedule(schedule(self.every, time_of_day(self.at), self.timezone, self.first))
        # In a zone with summer time, Prefect leaves the hour out that the clocks repeat (`deployments.schedules`).
        zone = "UTC" if self.interval and self.interval < _A_DAY else self.timezone
        return construct_schedule(self.interval, self.anchor_date, self.cron, self.rrule, zone)

    def in_words(self) -> str:
        """How people say it."""
        if self.every:
            at = time_of_day(self.at)
            return f"Every Hour at :{at.minute:02}" if self.every == "Every Hour" else f"{self.every} at {self.at}"
        value = self.value()
        if isinstance(value, CronSchedule):
            minute, hour, *rest = value.cron.split()
            daily = rest == ["*", "*", "*"] and minute.isdigit() and hour.isdigit()
            return f"Every Day at {int(hour):02}:{int(minute):02}" if daily else f"cron {value.cron}"
        if isinstance(value, IntervalSchedule):
            hourly = value.interval.total_seconds() == 3600  # noqa: PLR2004 - seconds an hour
            return f"Every Hour at :{value.anchor_date.minute:02}" if hourly else f"every {value.interval}"
        return f"by rule {(self.rrule or '').partition('RRULE:')[2]}"
