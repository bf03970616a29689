"""When a reading call is sent again: bounded in attempts and in time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.serveravatar.catalogue import Meaning
from fleet.serveravatar.retry import TRANSIENT, RetryPolicy

POLICY = RetryPolicy(attempts=5, seconds=120, base=1, cap=30)


@pytest.mark.parametrize(
    ("attempt", "elapsed", "jitter", "delay"),
    [
        (1, 0, 0, 0.5),
        (1, 0, 1, 1),
        (2, 0, 0, 1),
        (2, 0, 1, 2),
        (3, 0, 0.5, 3),
        (4, 0, 1, 8),
        (5, 0, 0, None),
        (6, 0, 0, None),
        (1, 119, 1, 1),
        (1, 119.5, 1, None),
        (1, 500, 0, None),
    ],
)
def test_the_wait_doubles_up_to_the_last_attempt(
    attempt: int, elapsed: float, jitter: float, delay: float | None
) -> None:
    assert POLICY.delay(attempt, elapsed, jitter) == delay


def test_no_wait_is_longer_than_the_cap() -> None:
    assert RetryPolicy(attempts=99, seconds=1e9).delay(50, 0, 1) == 30


@given(jitters=st.lists(st.floats(0, 1), min_size=200, max_size=200), latency=st.floats(0, 60))
def test_attempts_and_time_are_bounded_together(jitters: list[float], latency: float) -> None:
    policy, elapsed, attempts = RetryPolicy(attempts=100, seconds=120), 0.0, 0
    for jitter in jitters:
        attempts += 1
        elapsed += latency
        wait = policy.delay(attempts, elapsed, jitter)
        if wait is None:
            break
        elapsed += wait
    assert attempts <= 100
    assert elapsed <= 120 + latency


def test_only_what_passes_by_itself_is_transient() -> None:
    assert {Meaning.UNAVAILABLE, Meaning.GATEWAY, Meaning.IN_DOUBT} == TRANSIENT
