"""The seed's schedule names as schedules of deployments: when a run is due, in a time zone.

Pure values, without Prefect; `deployments.schedules` converts them. Every schedule but the hourly one follows the local
clock of its zone: 01:30 means 01:30, in summer and in winter. `Every Hour` counts real hours, so an hour repeated by a
clock change has its own run and none is skipped. Why, and what happens to a local time that does not exist or exists
twice: docs/decisions/0012-schedules.md.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, get_args
from zoneinfo import ZoneInfo

from fleet.inventory.request import Schedule
from fleet.inventory.zones import zone_problem

NAMES: Final[tuple[Schedule, ...]] = get_args(Schedule)
"""The seed's twelve, from the most frequent to the rarest."""
FIRST_DAY: Final = date(2023, 1, 1)
"""The default day schedules count from: a Sunday, and the first of a month and of a year.

A fixed day, so that a schedule deployed again, or on another machine, is due at the same times as before.
"""

_HOURS: Final[dict[Schedule, int]] = {"Every 3 Hours": 3, "Every 6 Hours": 6, "Every 12 Hours": 12}
_MONTHS: Final[dict[Schedule, int]] = {
    "Every Month": 1,
    "Twice a Month": 1,
    "Every 3 Months": 3,
    "Every 6 Months": 6,
    "Every Year": 12,
}
_HALF_A_MONTH: Final = 15
_SHORTEST_MONTH: Final = 28


class ScheduleError(ValueError):
    """An invalid schedule; the text says what is wrong and what is allowed."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Due at regular intervals.

    Attributes:
        every: the time between two runs.
        anchor: one of the due times, in UTC.
    """

    every: timedelta
    anchor: datetime


@dataclass(frozen=True, slots=True)
class Cron:
    """Due by the local clock of a zone, as in a crontab.

    Attributes:
        expression: minute, hour, day of the month, month, day of the week.
        zone: IANA name of the zone.
    """

    expression: str
    zone: str


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Due by the calendar and the local clock of a zone, where a crontab cannot express it.

    Attributes:
        rule: RFC 5545, a DTSTART in local time and an RRULE.
        zone: IANA name of the zone.
    """

    rule: str
    zone: str


def schedule(name: Schedule, at: time, zone: str, first: date = FIRST_DAY) -> Interval | Cron | Recurrence:
    """Turn a name of the seed into a schedule.

    Args:
        name: one of `NAMES`.
        at: the time of day, to the minute; for schedules of several hours, one of the times.
        zone: IANA name of the time zone of `at`.
        first: the day from which 2 days, a week or months are counted. In a month without that day, the last day.

    Raises:
        ScheduleError: unknown name or zone.
    """
    check_zone(zone)
    if name not in NAMES:
        raise ScheduleError(f"{name!r} is not a schedule; it must be one of: {', '.join(NAMES)}")
    start = datetime.combine(first, at.replace(second=0, microsecond=0))
    if name == "Every Hour":
        return Interval(timedelta(hours=1), start.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC))
    days = _days_of_month(name, first.day)
    if name == "Every 2 Days":
        rule = "FREQ=DAILY;INTERVAL=2"
    elif max(days) > _SHORTEST_MONTH:
        rule = f"FREQ=MONTHLY;INTERVAL={_MONTHS[name]};{_or_last_of_month(days)}"
    else:
        return Cron(_expression(name, start, days), zone)
    return Recurrence(f"DTSTART:{start:%Y%m%dT%H%M%S}\nRRULE:{rule}", zone)


def check_zone(zone: str) -> None:
    """Refuse an unknown or ambiguous time zone.

    Raises:
        ScheduleError: with what to write instead.
    """
    if problem := zone_problem(zone):
        raise ScheduleError(problem)


def time_of_day(text: str) -> time:
    """Read a time of day such as `01:30`.

    Raises:
        ScheduleError: it is not one.
    """
    try:
        return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - a time of day has no zone of its own
    except ValueError:
        raise ScheduleError(f"{text!r} is not a time of day; it must be HH:MM, for example 01:30") from None


def _days_of_month(name: Schedule, first: int) -> list[int]:
    """The days of a month on which a monthly schedule is due; for other schedules, any day."""
    if name == "Twice a Month":
        early = (min(first, 2 * _HALF_A_MONTH) - 1) % _HALF_A_MONTH + 1  # The 31st counts as the 30th.
        return [early, early + _HALF_A_MONTH]
    return [first] if name in _MONTHS else [1]


def _expression(name: Schedule, start: datetime, days: list[int]) -> str:
    if name in _HOURS:
        hours = range(start.hour % _HOURS[name], 24, _HOURS[name])
        return f"{start.minute} {_listed(hours)} * * *"
    daily = f"{start.minute} {start.hour}"
    if name == "Every Day":
        return f"{daily} * * *"
    if name == "Every Week":
        return f"{daily} * * {start.isoweekday() % 7}"
    step = _MONTHS[name]
    months = "*" if step == 1 else _listed(range((start.month - 1) % step + 1, 13, step))
    return f"{daily} {_listed(days)} {months} *"


def _or_last_of_month(days: list[int]) -> str:
    """The day, or the last day of a month that does not have it."""
    last = range(min(days[-1], _SHORTEST_MONTH), days[-1] + 1)
    places = "-1" if len(days) == 1 else "1,-1"
    return f"BYMONTHDAY={_listed([*days[:-1], *last])};BYSETPOS={places}"


def _listed(numbers: range | list[int]) -> str:
    return ",".join(str(number) for number in numbers)
