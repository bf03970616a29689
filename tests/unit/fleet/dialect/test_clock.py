"""How far the API's clock is from this machine's."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.dialect.clock import clock_error

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("date", "ahead"),
    [
        ("Tue, 24 Nov 2026 12:00:00 GMT", 0),
        ("Tue, 24 Nov 2026 12:10:00 GMT", 600),
        ("Tue, 24 Nov 2026 11:59:00 GMT", -60),
        ("Tue, 24 Nov 2026 13:00:00 +0100", 0),
        ("Tue, 24 Nov 2026 12:00:00 -0000", 0),
        ("24 Nov 2026 12:00:00", 0),
        ("", None),
        ("yesterday", None),
        ("Tue, 99 Nov 2026 12:00:00 GMT", None),
    ],
)
def test_the_date_of_an_answer_tells_how_far_the_clock_is_ahead(date: str, ahead: float | None) -> None:
    assert clock_error({"date": date}, NOON) == ahead


def test_an_answer_without_a_date_tells_nothing() -> None:
    assert clock_error({}, NOON) is None


@given(st.text())
def test_no_date_is_too_strange(date: str) -> None:
    error = clock_error({"date": date}, NOON)
    assert error is None or isinstance(error, float)
