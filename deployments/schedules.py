"""Schedules for Prefect, and when they are due according to Prefect's own code."""

from datetime import datetime
from typing import Any

from prefect.client.schemas.schedules import SCHEDULE_TYPES, CronSchedule, IntervalSchedule, RRuleSchedule
from prefect.server.schemas.schedules import CronSchedule as CronDates
from prefect.server.schemas.schedules import IntervalSchedule as IntervalDates
from prefect.server.schemas.schedules import RRuleSchedule as RRuleDates
from pydantic import TypeAdapter

from fleet.schedules.schedules import Cron, Interval, Recurrence

_DATES: TypeAdapter[IntervalDates | CronDates | RRuleDates] = TypeAdapter(IntervalDates | CronDates | RRuleDates)


def prefect_schedule(wanted: Interval | Cron | Recurrence) -> SCHEDULE_TYPES:
    """The schedule of a deployment for a value of `fleet.schedules.schedules`."""
    if isinstance(wanted, Interval):
        # In any zone but UTC, Prefect takes the repeated hour for a duplicate and skips it.
        return IntervalSchedule(interval=wanted.every, anchor_date=wanted.anchor, timezone="UTC")
    if isinstance(wanted, Cron):
        return CronSchedule(cron=wanted.expression, timezone=wanted.zone)
    return RRuleSchedule(rrule=wanted.rule, timezone=wanted.zone)


async def due(schedule: SCHEDULE_TYPES, count: int, after: datetime) -> list[datetime]:
    """The next times at which the Prefect server will start a run, computed by the server's own code.

    Returns:
        Aware times in the schedule's zone, the earliest first.
    """
    fields: dict[str, Any] = schedule.model_dump(exclude_none=True)
    return list(await _DATES.validate_python(fields).get_dates(count, after))


def in_words(schedule: SCHEDULE_TYPES) -> str:
    """A schedule of Prefect's for people, such as `Every Day at 01:30`."""
    if isinstance(schedule, CronSchedule):
        minute, hour, *rest = schedule.cron.split()
        daily = rest == ["*", "*", "*"] and minute.isdigit() and hour.isdigit()
        return f"Every Day at {int(hour):02}:{int(minute):02}" if daily else f"cron {schedule.cron}"
    if isinstance(schedule, IntervalSchedule):
        hourly = schedule.interval.total_seconds() == 3600  # noqa: PLR2004 - seconds an hour
        return f"Every Hour at :{schedule.anchor_date.minute:02}" if hourly else f"every {schedule.interval}"
    if isinstance(schedule, RRuleSchedule):
        return f"by rule {schedule.rrule.partition('RRULE:')[2] or schedule.rrule}"
    return "never"
