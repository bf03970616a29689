"""Time zones: what is taken, and that nobody is led to another time."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.inventory.zones import zone_problem, zones
from fleet.schedules.schedules import ScheduleError, check_zone

PLACE = "name a place, such as Europe/Berlin, or UTC"


@pytest.mark.parametrize(
    "name",
    [
        "Europe/Berlin",
        "UTC",
        "Etc/GMT+5",
        "America/Indiana/Indianapolis",
        "CET",
        "EST5EDT",
        "HST",
        "GMT",
        "Asia/Calcutta",
    ],
)
def test_what_is_taken(name: str) -> None:
    assert zone_problem(name) is None
    check_zone(name)


@pytest.mark.parametrize(
    "name",
    [
        *("CEST", "cest", "PDT", "PST", "CST", "EDT", "BST", "IST", "AEST", "ACST", "SAST", "WIB", "est", "Z", "GMT+2"),
        *(
            "UTC+2",
            "+02:00",
            "localtime",
            "Factory",
            "Mitteleuropa",
            "Europe/Munich",
            "Roma",
            "",
            "/",
            "Europe/",
            "../x",
        ),
    ],
)
def test_an_abbreviation_or_an_offset_is_refused_and_nothing_is_proposed(name: str) -> None:
    assert zone_problem(name) == f"{name!r} is not a time zone; {PLACE}"
    with pytest.raises(ScheduleError, match="name a place"):
        check_zone(name)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("Europe/Belrin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("Erope/Berlin", "Europe/Berlin"),
        ("BERLIN", "Europe/Berlin"),
        ("Belrin", "Europe/Berlin"),
        ("Rome", "Europe/Rome"),
        ("Europe/Rme", "Europe/Rome"),
        ("New York", "America/New_York"),
        ("US/Pacfic", "US/Pacific"),
        ("utc", "UTC"),
    ],
)
def test_a_slip_of_the_pen_is_answered_with_the_place(name: str, meant: str) -> None:
    assert zone_problem(name) == f"{name!r} is not a time zone; did you mean {meant!r}?"


@pytest.mark.parametrize(
    ("name", "place", "fixed"), [("EST", "America/New_York", "Etc/GMT+5"), ("MST", "America/Denver", "Etc/GMT+7")]
)
def test_what_stands_still_while_the_clocks_change_is_refused(name: str, place: str, fixed: str) -> None:
    problem = zone_problem(name) or ""
    assert place in problem
    assert fixed in problem
    winter = datetime(2026, 1, 1, tzinfo=UTC)
    assert winter.astimezone(ZoneInfo(place)).utcoffset() == winter.astimezone(ZoneInfo(fixed)).utcoffset()


@given(st.text(st.sampled_from("ABCDEFGHILMNOPRSTUWYZabcest+-0123456789:"), min_size=1, max_size=6))
def test_never_is_an_abbreviation_proposed_nor_an_offset(name: str) -> None:
    problem = zone_problem(name)
    if problem is not None and "did you mean" in problem:
        meant = problem.split("'")[-2]
        assert meant in zones()
        assert meant == "UTC" or ("/" in meant and not meant.startswith("Etc/"))
