"""A night in real minutes, on a clock that jumps over every wait."""

import pytest

from benchmarks.real_minutes import all_night


@pytest.mark.parametrize("limit", [60, 210])
def test_a_night_takes_hardly_longer_than_its_requests_and_is_never_refused(limit: int) -> None:
    night = all_night(1000, limit)
    assert night.refused == 0
    assert night.of_own <= 1.05, "the run waits for nothing but its own requests"
    assert night.of_bare <= 1.35, "little comes on top of bare creates at the full limit"
    assert night.requests <= 1150
