"""The twelve schedules against plain date arithmetic, computed by the code that Prefect's server runs."""

import asyncio
import calendar
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import prefect
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from deployments.schedules import due, prefect_schedule
from fleet.inventory.request import Schedule
from fleet.schedules.schedules import FIRST_DAY, NAMES, Recurrence, ScheduleError, schedule, time_of_day

SEASONS = ["2026-01-15", "2026-03-28", "2026-07-15", "2026-10-24", "2027-12-31", "2028-02-28"]
# Zones whose rules differ in kind: northern, southern, half an hour of summer time, odd offsets, none, Ramadan.
ZONES = [
    "Europe/Berlin",
    "Asia/Kolkata",
    "UTC",
    "America/New_York",
    "America/Santiago",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Europe/London",
    "Pacific/Chatham",
    "America/St_Johns",
]
MONTHS = {"Every Month": 1, "Every 3 Months": 3, "Every 6 Months": 6, "Every Year": 12}
DAYS = {"Every Day": 1, "Every 2 Days": 2, "Every Week": 7}
HOURS = {"Every 3 Hours": 3, "Every 6 Hours": 6, "Every 12 Hours": 12}


# Of a local time that does not exist; what counts is the Prefect server (docs/schedules.md).
CRONS_ARE_EARLIER = sys.version_info < (3, 13) and tuple(map(int, prefect.__version__.split(".")[:2])) < (3, 9)
NOWADAYS = datetime(2025, 1, 1)  # noqa: DTZ001 - hypothesis draws times without a zone


def in_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)


def instant(day: date, at: time, zone: str, *, earlier: bool) -> datetime:
    """The moment at which a clock on the wall shows this; the first of two, and an hour off where there is none."""
    local = datetime.combine(day, at, ZoneInfo(zone))
    back = local.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    exists = back == local.replace(tzinfo=None)
    return local.replace(fold=int(earlier and not exists)).astimezone(UTC)


def month_after(first: date, months: int, day: int) -> date:
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, min(day, calendar.monthrange(year, month + 1)[1]))


def oracle(name: Schedule, at: time, zone: str, first: date) -> Iterator[datetime]:
    """Every time at which the schedule is due from its first day on, without any rule or library of schedules."""
    if name == "Every Hour":
        moment = datetime.combine(first, at, ZoneInfo(zone)).astimezone(UTC)
        while True:
            yield moment
            moment += timedelta(hours=1)
    earlier = CRONS_ARE_EARLIER or isinstance(schedule(name, at, zone, first), Recurrence)
    for number in range(100_000):
        if name in HOURS:
            for hour in range(at.hour % HOURS[name], 24, HOURS[name]):
                yield instant(first + timedelta(days=number), at.replace(hour=hour), zone, earlier=earlier)
        elif name in DAYS:
            yield instant(first + timedelta(days=DAYS[name] * number), at, zone, earlier=earlier)
        elif name in MONTHS:
            yield instant(month_after(first, MONTHS[name] * number, first.day), at, zone, earlier=earlier)
        else:
            pair = (min(first.day, 30) - 15, min(first.day, 30)) if first.day > 15 else (first.day, first.day + 15)
            for day in pair:
                found = month_after(first, number, day)
                if found >= first:
                    yield instant(found, at, zone, earlier=earlier)


def expected(name: Schedule, at: time, zone: str, first: date, start: datetime) -> list[datetime]:
    return list(islice((moment for moment in oracle(name, at, zone, first) if moment >= start), 100))


def until_2037(moments: list[datetime]) -> list[datetime]:
    """dateutil, which Prefect asks for the last days of months, knows the changes of the clocks until 2037."""
    return [moment for moment in moments if moment.year < 2038]


def actual(name: Schedule, at: time, zone: str, first: date, start: datetime) -> list[datetime]:
    wanted = prefect_schedule(schedule(name, at, zone, first))
    found = [moment.astimezone(UTC) for moment in asyncio.run(due(wanted, 101, start))]
    # In the hour that the clocks repeat, Prefect's cron gives the run of the first pass again, which has been.
    return [moment for moment in found if moment >= start][:100]


@pytest.mark.parametrize("start", SEASONS)
@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Kolkata"])
@pytest.mark.parametrize("name", NAMES)
def test_the_next_hundred_runs_are_those_of_the_calendar_in_every_season(name: Schedule, zone: str, start: str) -> None:
    after = datetime.fromisoformat(start).replace(tzinfo=UTC)
    for at in (time(1, 30), time(2, 30), time(13)):  # 02:30 does not exist and exists twice, once a year each.
        assert actual(name, at, zone, FIRST_DAY, after) == expected(name, at, zone, FIRST_DAY, after)


@given(
    name=st.sampled_from(NAMES),
    at=st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    zone=st.sampled_from(ZONES),
    first=st.dates(date(2023, 1, 1), date(2024, 12, 31)),
    start=st.datetimes(NOWADAYS, NOWADAYS + timedelta(days=1500)).map(in_utc),
)
@example(name="Every Month", at=time(0), zone="UTC", first=date(2024, 1, 31), start=datetime(2025, 1, 1, tzinfo=UTC))
@example(name="Every Year", at=time(0), zone="UTC", first=date(2024, 2, 29), start=datetime(2025, 1, 1, tzinfo=UTC))
@example(name="Twice a Month", at=time(0), zone="UTC", first=date(2024, 1, 31), start=datetime(2025, 1, 1, tzinfo=UTC))
def test_any_time_of_day_in_any_zone_from_any_first_day(
    name: Schedule, at: time, zone: str, first: date, start: datetime
) -> None:
    found, right = actual(name, at, zone, first, start), expected(name, at, zone, first, start)
    assert found == right or (first.day > 13 and until_2037(found) == until_2037(right))


def due_on(day: str, name: Schedule, first: date) -> list[str]:
    """When it is due at 02:30 in Berlin on that day, in UTC."""
    start = datetime.fromisoformat(day).replace(tzinfo=UTC)
    found = actual(name, time(2, 30), "Europe/Berlin", first, start)
    return [f"{moment:%H:%M}" for moment in found if moment.date() == start.date()]


def test_a_time_that_does_not_exist_is_an_hour_off_and_which_way_depends_on_prefects_server() -> None:
    """Once in either case. 02:30 does not exist on the last Sunday of March: it is made at 01:30 or at 03:30."""
    assert due_on("2026-03-29", "Every Day", FIRST_DAY) == (["00:30"] if CRONS_ARE_EARLIER else ["01:30"])
    assert due_on("2026-03-29", "Every Month", date(2023, 1, 29)) == ["00:30"]  # a recurrence, of dateutil
    assert due_on("2026-10-25", "Every Day", FIRST_DAY) == ["00:30"]  # the first of two


def test_two_days_are_counted_from_a_fixed_day_whenever_it_is_deployed() -> None:
    one, another = datetime(2026, 11, 23, tzinfo=UTC), datetime(2026, 11, 24, tzinfo=UTC)
    runs = set(actual("Every 2 Days", time(1, 30), "Europe/Berlin", FIRST_DAY, one))
    assert set(actual("Every 2 Days", time(1, 30), "Europe/Berlin", FIRST_DAY, another)[:99]) <= runs


def test_the_31st_is_the_last_day_of_a_shorter_month_and_returns_after_february() -> None:
    found = actual("Every Month", time(3), "UTC", date(2023, 1, 31), datetime(2028, 1, 1, tzinfo=UTC))
    assert [f"{moment:%m-%d}" for moment in found[:5]] == ["01-31", "02-29", "03-31", "04-30", "05-31"]


def test_what_is_no_schedule_zone_or_time_is_refused_with_what_is_allowed() -> None:
    with pytest.raises(
        ScheduleError, match=r"'Every Fortnight' is not a schedule; it must be one of: Every Hour, .*Year"
    ):
        schedule("Every Fortnight", time(1), "UTC")  # type: ignore[arg-type]  # what a user may write
    with pytest.raises(ScheduleError, match=r"'Berlin' is not a time zone; did you mean 'Europe/Berlin'"):
        schedule("Every Day", time(1), "Berlin")
    assert time_of_day("01:30") == time(1, 30)
    with pytest.raises(ScheduleError, match="'25:00' is not a time of day"):
        time_of_day("25:00")
