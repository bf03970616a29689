"""The schedule and retention presets of the seed, and when a plan is due."""

import calendar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True)
class Interval:
    """The time between two backups of a plan: hours, or months; `halves` splits a month in two."""

    hours: int = 0
    months: int = 0
    halves: bool = False


# Names and order as in the seed's table; the presets call lists them.
SCHEDULES: dict[str, Interval] = {
    "Every Hour": Interval(hours=1),
    "Every 3 Hours": Interval(hours=3),
    "Every 6 Hours": Interval(hours=6),
    "Every 12 Hours": Interval(hours=12),
    "Every Day": Interval(hours=24),
    "Every 2 Days": Interval(hours=48),
    "Every Week": Interval(hours=168),
    "Every Month": Interval(months=1),
    "Twice a Month": Interval(months=1, halves=True),
    "Every 3 Months": Interval(months=3),
    "Every 6 Months": Interval(months=6),
    "Every Year": Interval(months=12),
}

RETENTION_MONTHS: dict[str, int] = {
    "1 Month": 1,
    "2 Months": 2,
    "3 Months": 3,
    "6 Months": 6,
    "12 Months": 12,
    "24 Months": 24,
}

_HALF_A_MONTH = timedelta(days=15)


def add_months(moment: datetime, months: int) -> datetime:
    """The same day and time `months` later; the month's last day where it has no such day."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


def due_date(start: float, schedule: str, number: int) -> float:
    """When the backup `number` (0 is the first) of a plan is due.

    Every date is counted from the start, not from the previous date, so that a plan on the 31st
    returns to the 31st after a February.

    Args:
        start: first due date, in seconds since the epoch.
        schedule: a name of `SCHEDULES`.
        number: how many due dates precede it.

    Returns:
        Seconds since the epoch.
    """
    interval = SCHEDULES[schedule]
    first = datetime.fromtimestamp(start, UTC)
    if interval.hours:
        return (first + timedelta(hours=interval.hours * number)).timestamp()
    if interval.halves:
        month, second_half = divmod(number, 2)
        return (add_months(first, month) + _HALF_A_MONTH * second_half).timestamp()
    return (add_months(first, interval.months * number)).timestamp()


def expiry(created: float, retention_period: str | None) -> float | None:
    """When a backup with this retention period is deleted, in seconds since the epoch; None for never."""
    if retention_period is None:
        return None
    months = RETENTION_MONTHS[retention_period]
    return add_months(datetime.fromtimestamp(created, UTC), months).timestamp()
