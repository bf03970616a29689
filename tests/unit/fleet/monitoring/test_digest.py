"""The one message of a run: what lasts, what is new, what is well again, and when a target has an alarm."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fleet.monitoring.digest import named, news_of
from fleet.monitoring.streaks import Repeated, Streaks
from fleet.report.outcome import Outcome
from fleet.report.report import Report
from tests.unit.fleet.reports import report, row

AFTER = 2


def night(number: int, *bad: int, targets: range = range(4), **changes: Any) -> Report:
    """A nightly run of some targets, of which some ended badly."""
    rows = [row(each, outcome=Outcome.REJECTED, reason="disk full") if each in bad else row(each) for each in targets]
    return report(*rows, **{"run_key": f"night {number}", **changes})


def compared(newest: Report, *earlier: Report) -> Streaks:
    streaks = Streaks(newest)
    for each in earlier:
        streaks.take(each)
    return streaks


def test_the_message_names_what_lasts_first_then_what_is_new_then_what_is_well_again() -> None:
    newest = night(4, 1, 2, verdict="2 verified, 2 rejected")
    news = news_of(newest, compared(newest, night(3, 1, 3), night(2, 1, 3), night(1)), AFTER)
    assert news.text.splitlines() == [
        "2 verified, 2 rejected",
        "3 consecutive runs: web-15 · site 1: rejected: disk full",
        "new: web-15 · site 2: rejected: disk full",
        "recovered after 2 failed runs: web-15 · site 3",
    ]


def test_an_alarm_is_given_once_and_a_recovery_only_after_an_alarm() -> None:
    def told(newest: Report, *earlier: Report) -> tuple[list[int], list[int]]:
        news = news_of(newest, compared(newest, *earlier), AFTER)
        return [each.runs for each in news.alarmed], [each.runs for each in news.recovered]

    assert told(night(1, 1)) == ([], [])
    assert told(night(2, 1), night(1, 1)) == ([2], [])
    assert told(night(3, 1), night(2, 1), night(1, 1)) == ([], [])
    assert told(night(4), night(3, 1), night(2, 1), night(1, 1)) == ([], [3])
    assert told(night(2), night(1, 1)) == ([], [])


def test_a_run_that_left_a_target_out_and_a_rerun_of_one_key_count_for_nothing() -> None:
    newest = night(4, 1)
    elsewhere = night(3, targets=range(2, 4))
    again, first = night(2, 1), night(2, 1, 2)
    (lasting,) = compared(newest, elsewhere, again, first, night(1)).lasting()
    assert lasting.runs == 2


def test_a_thousand_problems_are_a_short_message() -> None:
    rows = [row(n, outcome=Outcome.REJECTED, reason="full " * 100) for n in range(1000)]
    newest = report(*rows, verdict="1000 rejected")
    lines = news_of(newest, Streaks(newest), AFTER).text.splitlines()
    assert len(lines) == 12
    assert lines[-1] == "… and 990 more"
    assert max(map(len, lines)) == 200


def test_targets_are_named_in_one_line() -> None:
    repeated = [Repeated(row(number), 2) for number in range(12)]
    assert named(repeated[:2]) == "web-15 · site 0, web-15 · site 1"
    assert named(repeated).endswith("web-15 · site 9 and 2 more")


@given(st.lists(st.booleans(), min_size=1, max_size=12))
def test_reading_stops_exactly_where_older_runs_can_change_nothing(good: list[bool]) -> None:
    """`good`: how one target ended, the newest run first."""
    nights = [night(n, *([] if well else [1]), targets=range(1, 2)) for n, well in enumerate(good)]
    streaks = Streaks(nights[0])
    for earlier in nights[1:]:
        if streaks.complete:
            break
        streaks.take(earlier)
    whole = compared(*nights)
    assert (streaks.lasting(), streaks.recovered(1)) == (whole.lasting(), whole.recovered(1))
    runs = next((n for n, well in enumerate(good[1:]) if well), len(good) - 1) + (not good[0])
    assert [each.runs for each in whole.lasting() + whole.recovered(0)] == [runs]
