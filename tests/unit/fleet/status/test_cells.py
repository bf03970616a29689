"""The days of a target as letters."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.audit.finding import Status
from fleet.ledger.days.reading import Day
from fleet.report.outcome import Outcome
from fleet.status.cells import CELLS, first_of, letter, sizes, strip

FIRST = date(2026, 11, 1)


@pytest.mark.parametrize(
    ("outcome", "status", "audit_is_later", "expected"),
    [
        ("verified", None, True, "v"),
        ("verified", "fine", True, "v"),
        ("adopted", None, True, "a"),
        ("adopted", "fine", True, "o"),
        ("created", "fine", True, "c"),
        ("rejected", "fine", True, "f"),
        (None, "fine", True, "o"),
        (None, "muted", True, "m"),
        (None, "never", True, "x"),
        (None, None, True, "."),
        ("planned", None, True, "."),
        ("unmet", "muted", True, "m"),
        ("verified", "muted", True, "v"),
        # An audit before the run of the day knows nothing of its backup.
        ("verified", "stale", False, "v"),
        ("verified", "shrunk", True, "x"),
        ("unmet", "stale", True, "f"),
        ("unmet", "stale", False, "f"),
    ],
)
def test_what_stood_on_a_day(outcome: str | None, status: str | None, audit_is_later: bool, expected: str) -> None:
    day = Day(
        FIRST, outcome, 10.0 if outcome else None, None, status, (20.0 if audit_is_later else 5.0) if status else None
    )
    assert letter(day) == expected


def test_a_strip_has_a_letter_for_each_day_also_for_those_of_which_nothing_is_known() -> None:
    days = [
        Day(FIRST - timedelta(days=1), "verified", 1.0),
        Day(FIRST, "verified", 1.0),
        Day(FIRST + timedelta(days=2), "unmet", 1.0),
    ]
    assert strip(days, FIRST, 4) == "v.f."
    assert first_of(date(2026, 11, 30), 30) == FIRST


@given(
    st.lists(
        st.builds(
            Day,
            st.dates(FIRST - timedelta(days=40), FIRST + timedelta(days=40)),
            st.none() | st.sampled_from(list(Outcome)),
            st.none() | st.floats(0, 2e9),
            st.none(),
            st.none() | st.sampled_from(list(Status)),
            st.none() | st.floats(0, 2e9),
            st.none(),
            st.none(),
            st.none() | st.floats(0, 1e9),
        )
    )
)
def test_whatever_the_days_there_are_as_many_signs(days: list[Day]) -> None:
    assert len(strip(days, FIRST, 30)) == 30
    assert set(strip(days, FIRST, 30)) <= set(CELLS)
    assert len(sizes(days, FIRST, 30)) <= 30


def test_sizes_are_relative_to_the_largest() -> None:
    days = [Day(FIRST + timedelta(days=number), good_mb=size) for number, size in ((0, 10.0), (1, 5.0), (3, 0.0))]
    assert sizes(days, FIRST, 6) == "zi.0"
    assert sizes([Day(FIRST, good_mb=0.0)], FIRST, 6) == "0"
    assert not sizes([], FIRST, 6)
