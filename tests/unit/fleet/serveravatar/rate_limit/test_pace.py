"""The budget of an account, one step at a time; its promises are in test_pace_properties.py."""

import pytest

from fleet.serveravatar.rate_limit.headers import RateLimitHeaders
from fleet.serveravatar.rate_limit.pace import MARGIN, Cause, Pace

WINDOW = 60.0
NOTHING = RateLimitHeaders()


def ask(pace: Pace, now: float) -> float | None:
    """Seconds until something may be sent; 0 for now, None when an answer is awaited."""
    hold = pace.hold(now)
    return 0.0 if hold is None else hold.seconds


def exchange(pace: Pace, now: float, headers: RateLimitHeaders = NOTHING, took: float = 0.0) -> None:
    pace.answered(pace.grant(now).number, now, now + took, headers)


@pytest.mark.parametrize(
    ("limit", "share", "allowance"), [(60, 0.9, 54), (60, 1.0, 60), (210, 0.9, 189), (1, 0.1, 1), (60, 0.001, 1)]
)
def test_the_allowance_is_a_share_of_the_limit(limit: int, share: float, allowance: int) -> None:
    assert Pace(limit, WINDOW, share).allowance == allowance


def test_the_limit_is_what_the_api_says() -> None:
    pace = Pace(60, WINDOW, 0.5)
    exchange(pace, 0.0, RateLimitHeaders(limit=210, remaining=209))
    assert (pace.limit, pace.allowance) == (210, 105)


def test_without_headers_the_next_go_a_window_later() -> None:
    pace = Pace(10, WINDOW, 1.0)
    for _ in range(10):
        assert ask(pace, 100.0) == 0
        exchange(pace, 100.0)
    assert ask(pace, 100.0) == pytest.approx(WINDOW + MARGIN)
    assert ask(pace, 150.0) == pytest.approx(10.0 + MARGIN)
    assert ask(pace, 160.0 + MARGIN) == 0


def test_room_that_depends_on_an_answer_has_no_time() -> None:
    pace = Pace(2, WINDOW, 1.0)
    first, _ = pace.grant(0.0), pace.grant(0.0)
    assert ask(pace, 0.0) is None
    pace.answered(first.number, 0.0, 5.0, NOTHING)
    assert ask(pace, 5.0) == pytest.approx(WINDOW + MARGIN)


def test_when_others_have_used_the_window_it_is_waited_for() -> None:
    pace = Pace(60, WINDOW, 1.0)
    exchange(pace, 10.0, RateLimitHeaders(60, 0))
    assert ask(pace, 10.0) == pytest.approx(WINDOW + MARGIN)
    assert ask(pace, 70.0 + MARGIN) == 0


def test_what_is_left_of_the_window_is_left_to_others_when_it_is_their_share() -> None:
    pace = Pace(60, WINDOW, 0.9)
    exchange(pace, 0.0, RateLimitHeaders(60, 7))
    assert ask(pace, 0.0) == 0
    exchange(pace, 0.0, RateLimitHeaders(60, 6))
    assert ask(pace, 0.0) == pytest.approx(WINDOW + MARGIN)


def test_a_new_window_is_made_use_of_at_once() -> None:
    pace = Pace(5, WINDOW, 1.0)
    for used in range(1, 5):
        exchange(pace, 0.0, RateLimitHeaders(5, 5 - used))
    exchange(pace, 30.0, RateLimitHeaders(5, 4))  # Somebody had opened the last one long before.
    for used in range(2, 6):
        assert ask(pace, 30.0) == 0
        exchange(pace, 30.0, RateLimitHeaders(5, 5 - used))
    assert ask(pace, 30.0) == pytest.approx(WINDOW + MARGIN)


def test_what_is_under_way_is_not_counted_twice() -> None:
    pace = Pace(20, WINDOW, 1.0)
    grants = [pace.grant(0.0) for _ in range(10)]
    # The API had counted all ten when it sent the first answer that is heard.
    pace.answered(grants[9].number, 0.0, 1.0, RateLimitHeaders(20, 10))
    for _ in range(10):
        assert ask(pace, 1.0) == 0
        pace.grant(1.0)
    assert ask(pace, 1.0) is None


@pytest.mark.parametrize("retry_after", [0.0, 37.0, 300.0])
def test_after_a_429_nothing_is_sent_until_the_api_says_so(retry_after: float) -> None:
    pace = Pace(60, WINDOW, 1.0)
    number = pace.grant(10.0).number
    assert pace.refused(number, 10.0, RateLimitHeaders(60, 0, retry_after)) == pytest.approx(retry_after + MARGIN)
    hold = pace.hold(10.0)
    assert hold is not None
    assert hold.cause is Cause.LIMIT
    assert ask(pace, 10.0 + retry_after + 2 * MARGIN) == 0


def test_after_a_429_the_first_goes_alone_until_it_is_answered() -> None:
    pace = Pace(60, WINDOW, 1.0)
    early = [pace.grant(0.0).number for _ in range(3)]
    pace.refused(early[0], 1.0, RateLimitHeaders(60, 0, 30))
    pace.answered(early[1], 0.0, 2.0, NOTHING)  # It was sent before: it proves nothing.
    probe = pace.grant(32.0, most=10)
    assert probe.count == 1
    assert ask(pace, 32.0) is None
    pace.answered(probe.number, 32.0, 33.0, RateLimitHeaders(60, 59))
    assert ask(pace, 33.0) == 0


def test_after_a_bare_429_the_oldest_request_must_have_left_the_window() -> None:
    pace = Pace(60, WINDOW, 1.0)
    exchange(pace, 10.0)
    exchange(pace, 10.0)
    assert pace.refused(pace.grant(30.0).number, 30.0, NOTHING) == pytest.approx(40.0 + MARGIN)


def test_of_several_429s_the_longest_wait_counts() -> None:
    pace = Pace(60, WINDOW, 1.0)
    first, second = pace.grant(0.0), pace.grant(0.0)
    pace.refused(first.number, 0.0, RateLimitHeaders(retry_after=50))
    pace.refused(second.number, 1.0, RateLimitHeaders(retry_after=5))
    assert ask(pace, 1.0) == pytest.approx(49.0 + MARGIN)


def test_when_the_headers_cease_it_goes_on_without_them() -> None:
    pace = Pace(2, WINDOW, 1.0)
    exchange(pace, 0.0, RateLimitHeaders(2, 1))
    exchange(pace, 0.0, RateLimitHeaders(2, 0))
    assert ask(pace, 60.0 + MARGIN) == 0
    exchange(pace, 61.0)
    exchange(pace, 62.0)
    assert ask(pace, 62.0) == pytest.approx(59.0 + MARGIN)


def test_a_grant_whose_holder_died_runs_out() -> None:
    pace = Pace(4, WINDOW, 1.0)
    pace.grant(0.0, most=4, expires=70.0)
    assert ask(pace, 69.0) is None
    assert ask(pace, 70.0) == 0


def test_what_was_given_back_is_there_again() -> None:
    pace = Pace(4, WINDOW, 1.0)
    grant = pace.grant(0.0, most=4)
    pace.give_back(grant.number, 3)
    assert pace.in_flight == 1
    assert ask(pace, 0.0) == 0
