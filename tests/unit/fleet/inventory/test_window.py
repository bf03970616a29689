"""Windows: what may be written, and when they are open, over midnight and over changes of the clocks."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fleet.inventory.window import Window, WindowError, parse, still_running
from fleet.inventory.zones import zones

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = parse("01:00-05:00 Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("01:00-05:00 Europe/Berlin", "01:00-05:00 Europe/Berlin"),
        (" 22:30 - 04:00  UTC ", "22:30-04:00 UTC"),
        ("00:00-00:01 Asia/Kolkata", "00:00-00:01 Asia/Kolkata"),
    ],
)
def test_a_window_is_read_and_written(text: str, window: str) -> None:
    assert str(parse(text)) == window


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("nightly", 'must be a window such as "01:00-05:00 Europe/Berlin"'),
        ("", 'must be a window such as "01:00-05:00 Europe/Berlin"'),
        ("1:00-5:00 UTC", "two digits: 05:00 and not 5:00"),
        ("1-5 UTC", "two digits: 05:00 and not 5:00"),
        ("01:00-05:00", "has no time zone; write"),
        ("01:00-24:00 UTC", "'24:00' is not a time of day; it must be HH:MM; midnight is 00:00"),
        ("01:60-05:00 UTC", "'01:60' is not a time of day; it must be HH:MM"),
        ("01:00-05:00 Europe/Belrin", "'Europe/Belrin' is not a time zone; did you mean 'Europe/Berlin'?"),
        ("01:00-05:00 berlin", "did you mean 'Europe/Berlin'?"),
        ("01:00-05:00 Xyzzyx", "name a place, such as Europe/Berlin, or UTC"),
        ("01:00-05:00 CEST", "'CEST' is not a time zone; name a place, such as Europe/Berlin, or UTC"),
        ("01:00-05:00 EST", "'EST' never changes to summer time"),
        ("01:00-05:00 localtime", "'localtime' is not a time zone"),
        ("03:00-03:00 UTC", "opens and closes at the same time; leave it out"),
    ],
)
def test_what_is_naive_or_ambiguous_is_refused(text: str, problem: str) -> None:
    with pytest.raises(WindowError) as error:
        parse(text)
    assert problem in str(error.value)


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("window", "now", "is_open"),
    [
        ("01:00-05:00 Europe/Berlin", "2026-01-10 00:59", False),
        ("01:00-05:00 Europe/Berlin", "2026-01-10 01:00", True),
        ("01:00-05:00 Europe/Berlin", "2026-01-10 04:59", True),
        ("01:00-05:00 Europe/Berlin", "2026-01-10 05:00", False),
        ("22:00-04:00 Europe/Berlin", "2026-01-10 21:59", False),
        ("22:00-04:00 Europe/Berlin", "2026-01-10 23:59", True),
        ("22:00-04:00 Europe/Berlin", "2026-01-10 00:00", True),
        ("22:00-04:00 Europe/Berlin", "2026-01-10 04:00", False),
    ],
)
def test_when_it_is_open(window: str, now: str, is_open: bool) -> None:
    assert parse(window).is_open(berlin(now)) is is_open
    assert parse(window).is_open(berlin(now).astimezone(UTC)) is is_open


@pytest.mark.parametrize(
    ("window", "now", "opens", "closes"),
    [
        # Europe/Berlin skips 02:00 to 03:00 on 2026-03-29, and has it twice on 2026-10-25.
        ("01:00-05:00 Europe/Berlin", "2026-03-28T12:00+00:00", "2026-03-29T00:00+00:00", "2026-03-29T03:00+00:00"),
        ("01:00-05:00 Europe/Berlin", "2026-10-24T12:00+00:00", "2026-10-24T23:00+00:00", "2026-10-25T04:00+00:00"),
        # Half of it is skipped: it opens when the clock jumps.
        ("02:30-04:00 Europe/Berlin", "2026-03-28T12:00+00:00", "2026-03-29T01:00+00:00", "2026-03-29T02:00+00:00"),
        ("01:00-02:30 Europe/Berlin", "2026-03-28T12:00+00:00", "2026-03-29T00:00+00:00", "2026-03-29T01:00+00:00"),
        # All of it is skipped: it opens on the next day.
        ("02:00-03:00 Europe/Berlin", "2026-03-28T12:00+00:00", "2026-03-30T00:00+00:00", "2026-03-30T01:00+00:00"),
        # It lies in the hour that is repeated: it opens twice.
        ("02:00-02:30 Europe/Berlin", "2026-10-24T12:00+00:00", "2026-10-25T00:00+00:00", "2026-10-25T00:30+00:00"),
        ("02:00-02:30 Europe/Berlin", "2026-10-25T00:30+00:00", "2026-10-25T01:00+00:00", "2026-10-25T01:30+00:00"),
        # Samoa had no 30 December 2011.
        ("22:00-04:00 Pacific/Apia", "2011-12-30T09:00+00:00", "2011-12-30T09:00+00:00", "2011-12-30T14:00+00:00"),
    ],
)
def test_days_on_which_the_clocks_change(window: str, now: str, opens: str, closes: str) -> None:
    opened = parse(window).opens_after(datetime.fromisoformat(now))
    assert opened == datetime.fromisoformat(opens)
    assert parse(window).closes_after(opened) == datetime.fromisoformat(closes)


ZONES = st.sampled_from(sorted(zones()))
TIMES = st.times().map(lambda time: time.replace(second=0, microsecond=0))
WINDOWS = st.builds(Window, TIMES, TIMES, ZONES).filter(lambda window: window.opens != window.closes)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - UTC follows


@given(WINDOWS, MOMENTS)
@example(parse("02:00-03:00 Europe/Berlin"), datetime(2026, 3, 28, 23, 0, tzinfo=UTC))
@example(parse("02:00-02:01 Australia/Lord_Howe"), datetime(2026, 4, 4, 12, 0, tzinfo=UTC))
def test_on_no_day_of_any_zone_it_is_open_before_it_opens_or_after_it_closes(window: Window, now: datetime) -> None:
    opens = window.opens_after(now)
    assert now <= opens <= now + timedelta(days=2, hours=1)
    assert window.is_open(opens)
    closes = window.closes_after(opens)
    assert opens < closes
    assert not window.is_open(closes)
    for begin, end, is_open in ((now, opens, False), (opens, closes, True)):
        length = (end - begin) / 97
        moments = [begin + length * step for step in range(97)] if length else []
        assert all(window.is_open(moment) is is_open for moment in moments)
    if opens > now:
        assert not window.is_open(opens - timedelta(microseconds=1))
    assert window.is_open(closes - timedelta(microseconds=1))


@given(WINDOWS, st.dates(date(2000, 1, 1), date(2030, 1, 1)))
def test_the_wall_shows_a_time_within_it_whenever_it_is_open(window: Window, day: date) -> None:
    for minute in range(0, 24 * 60, 7):
        moment = datetime.combine(day, datetime.min.time(), UTC) + timedelta(minutes=minute)
        shown = moment.astimezone(ZoneInfo(window.zone)).time().replace(second=0)
        since_opening = (shown.hour * 60 + shown.minute - window.opens.hour * 60 - window.opens.minute) % (24 * 60)
        assert window.is_open(moment) is (since_opening < window.minutes)


def test_one_that_opens_soon_is_waited_for() -> None:
    assert NIGHT.may_start(berlin("2026-01-10 00:50"))
    assert not NIGHT.may_start(berlin("2026-01-10 00:49"))
    assert not NIGHT.may_start(berlin("2026-01-10 05:00"))


def test_people_are_told_when_it_opens() -> None:
    assert NIGHT.closed_reason(berlin("2026-01-10 05:00")) == (
        "outside its window 01:00-05:00 Europe/Berlin, which opens on 2026-01-11 at 01:00"
    )


def test_what_ran_beyond_the_end_is_counted() -> None:
    began, end = berlin("2026-01-10 04:50"), berlin("2026-01-10 07:00")
    spans = [
        (NIGHT, began, berlin("2026-01-10 04:59")),
        (NIGHT, began, berlin("2026-01-10 05:01")),
        (NIGHT, began, None),
        (parse("01:00-06:00 Europe/Berlin"), began, berlin("2026-01-10 06:30")),
        (parse("01:00-08:00 Europe/Berlin"), began, None),
    ]
    words = "still running, or not yet seen complete, when the window"
    assert still_running(spans, end) == [
        f"2 backups were {words} 01:00-05:00 Europe/Berlin closed at 05:00",
        f"1 backup was {words} 01:00-06:00 Europe/Berlin closed at 06:00",
    ]
