"""What people are told of a long wait."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.report.outcome import Result
from fleet.report.progress import Narrator, Silence
from fleet.report.waiting import SPANS, Progress, Seldom, Wait, described, percent_done, seconds_left
from fleet.serveravatar.rate_limit.rhythm import Rhythm

MINUTE = Rhythm(60, 60.0)
AT = datetime(2026, 11, 23, 14, 20, 39)  # noqa: DTZ001 - as the wall clock shows it


@pytest.mark.parametrize(
    ("targets", "needs", "opens_in", "room", "seconds"),
    [
        (0, 1.0, 21.0, 0, 0.0),
        (60, 1.0, 21.0, 0, 21.0),
        (61, 1.0, 21.0, 0, 81.0),
        (61, 1.0, 21.0, 1, 21.0),
        (10, 1.0, 21.0, 10, 0.0),
        (60, 2.0, 0.0, 0, 60.0),
        (688, 1.0, 21.0, 0, 21.0 + 11 * 60),
    ],
)
def test_the_budget_says_how_long_a_run_takes(
    targets: int, needs: float, opens_in: float, room: int, seconds: float
) -> None:
    assert seconds_left(targets, needs, MINUTE, opens_in, room) == pytest.approx(seconds)


@given(st.integers(0, 5000), st.integers(1, 210), st.floats(0, 60))
def test_more_targets_never_take_less(targets: int, allowance: int, opens_in: float) -> None:
    rhythm = Rhythm(allowance, 60.0)
    assert seconds_left(targets, 1.0, rhythm, opens_in) <= seconds_left(targets + 1, 1.0, rhythm, opens_in)


@pytest.mark.parametrize(
    ("wait", "progress", "words"),
    [
        (
            Wait("the next rate limit window (60 requests)", 121.0, MINUTE),
            Progress("create", 1000, 312),
            "312 of 1,000, rate limit reached: continuing in 21 s, done about 14:33",
        ),
        (
            Wait("the account's rate limit (429)", 400.0, MINUTE),
            Progress("create", 10, 0),
            "0 of 10, waiting 5 min for the account's rate limit (429), done about 14:25",
        ),
        (
            Wait("the next rate limit window", 100.2, MINUTE),
            Progress("check", 10, 0),
            "0 of 10, rate limit reached: continuing in 1 s",
        ),
        (
            Wait("3 backups to be complete", 110.0),
            Progress("verify", 5, 2),
            "2 of 5, waiting 10 s for 3 backups to be complete",
        ),
    ],
)
def test_a_wait_in_words(wait: Wait, progress: Progress, words: str) -> None:
    assert described(wait, progress, 100.0, AT) == words


def test_lines_are_few_and_only_of_waits_that_matter() -> None:
    seldom, told = Seldom(), []
    for now in range(100):
        if seldom.is_worth_a_line(Wait("x", now + 20.0), float(now)):
            told.append(now)
        assert not seldom.is_worth_a_line(Wait("x", now + 4.0), float(now))
    assert told == [0, 30, 60, 90]


@dataclass
class Heard(Silence):
    waits: list[tuple[Any, ...]] = field(default_factory=list)

    def waiting(self, reason: str, seconds: float, rhythm: Rhythm | None = None, /) -> None:
        self.waits.append((reason, seconds, rhythm))


def test_the_runs_log_hears_of_long_waits_and_the_listener_of_all() -> None:
    heard, lines, now = Heard(), list[str](), 0.0
    narrator = Narrator(heard, lines.append, lambda: now)
    narrator.phase("create", 1000)
    result: Result | None = None
    for _ in range(312):
        narrator.advance(result)
    for _ in range(3):
        narrator.waiting("the next rate limit window (60 requests)", 21.0, MINUTE)
    assert len(heard.waits) == 3
    (line,) = lines
    assert line.startswith("312 of 1,000, rate limit reached: continuing in 21 s, done about ")


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_a_run_never_goes_back_and_is_done_only_at_its_end(total: int, done: int) -> None:
    done = min(done, total)
    shown = [percent_done(Progress(phase, total, part)) for phase in SPANS for part in (0, done, total)]
    assert shown == sorted(shown)
    assert percent_done(Progress("begin", 0, 0)) == 0.0
    assert max(shown) < 100
