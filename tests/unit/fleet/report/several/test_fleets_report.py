"""Several fleets together: the gravest exit code, and one line that names who is not backed up and why."""

from datetime import UTC, datetime

import pytest

from fleet.report.outcome import Exit
from fleet.report.several.fleets_report import NAMED, FleetEnding, FleetsReport, decide


def ended(code: int, verdict: str = "it failed", fleet: str = "acme") -> FleetEnding:
    return FleetEnding(fleet=fleet, file="/srv/acme.yaml", exit_code=code, verdict=verdict)


@pytest.mark.parametrize(
    ("codes", "gravest"),
    [
        ((0, 0), Exit.DONE),
        ((0, 3, 0), Exit.SOME_FAILED),
        ((0, 3, 4), Exit.NONE_STARTED),
        ((5, 3, 4), Exit.IN_DOUBT),
        ((0, 5, 6), Exit.API_UNUSABLE),
        ((0, 1), Exit.UNEXPECTED),
        ((3, 1), Exit.SOME_FAILED),
        ((0, 130), Exit.INTERRUPTED),
        ((2, 2), Exit.USAGE),  # Nothing was sent for any of them.
        ((2, 0), Exit.NONE_STARTED),  # Of that fleet, nothing could be started.
        ((2, 3), Exit.NONE_STARTED),
        ((2, 6), Exit.API_UNUSABLE),
    ],
)
def test_the_gravest_wins_and_a_broken_file_is_a_fleet_of_which_nothing_was_started(
    codes: tuple[int, ...], gravest: Exit
) -> None:
    for order in (codes, codes[::-1]):
        assert decide([ended(code) for code in order]).exit is gravest


def test_who_is_not_backed_up_is_named_with_the_reason() -> None:
    endings = [ended(0, "6 verified", "ours"), ended(3, "1 rejected (web-1: no room)"), ended(6, "no\ntoken", "globex")]
    assert decide(endings).text == "1 of 3 fleets done; acme: 1 rejected (web-1: no room); globex: no token"
    assert decide(endings[:1]).text == "1 fleet done"
    assert decide([endings[0]] * 12).text == "all 12 fleets done"


def test_a_thousand_fleets_that_failed_are_a_line_that_can_be_read() -> None:
    text = decide([ended(4, "x" * 5_000, f"client-{number}") for number in range(1_000)]).text
    assert f"client-{NAMED - 1}: x" in text
    assert f"client-{NAMED}: " not in text
    assert f"and {1_000 - NAMED} more: client-{NAMED}, " in text
    assert len(text) < 4_000


def test_the_report_holds_every_fleet() -> None:
    now = datetime(2026, 11, 29, tzinfo=UTC)
    report = FleetsReport.of([ended(0), ended(2, "fleet.yaml: is empty")], (now, now))
    assert FleetsReport.model_validate_json(report.model_dump_json()) == report
    assert (report.exit_code, [each.exit_code for each in report.fleets]) == (4, [0, 2])
