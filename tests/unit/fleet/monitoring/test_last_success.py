"""The last success of each server, whatever a single run left out."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from fleet.inventory.inventory import Selector
from fleet.inventory.target import Target
from fleet.monitoring.last_success import NEVER, LastSuccess
from fleet.report.outcome import Outcome
from fleet.report.report import Report
from tests.unit.fleet.reports import MIDNIGHT, report, row, wanted
from tests.unit.fleet.rule_files import inventory


def hours(targets: Sequence[Target], *newest_first: Report, rules: Sequence[Selector] = ()) -> dict[str, float | None]:
    """Hours after midnight by server; None for never."""
    last = LastSuccess(targets, rules)
    for each in newest_first:
        last.take(each)
    since = MIDNIGHT.timestamp()
    return {each.server: None if each.at == NEVER else (each.at - since) / 3600 for each in last.servers()}


def test_a_run_over_a_part_leaves_what_is_known_of_the_others() -> None:
    targets = [wanted(1, 15), wanted(1, 16), wanted(1, 17)]
    limited = report(row(1, 16), hour=30)
    nightly = report(row(1, 15), row(1, 16), row(1, 17, outcome=Outcome.REJECTED), hour=24)
    assert hours(targets, limited, nightly) == {"web-15": 24, "web-16": 30, "web-17": None}


def test_a_server_is_as_fresh_as_the_oldest_of_its_targets() -> None:
    targets = [wanted(1), wanted(2)]
    failed = report(row(1), row(2, outcome=Outcome.UNVERIFIED), hour=48)
    good = report(row(1), row(2), hour=24)
    mended = report(row(2), hour=49)  # --failed-from: one target alone.
    assert hours(targets, failed, good) == {"web-15": 24}
    assert hours(targets, mended, failed, good) == {"web-15": 48}
    assert hours([*targets, wanted(3)], mended, failed, good) == {"web-15": None}  # New in the fleet file.


@pytest.mark.parametrize("outcome", Outcome)
def test_what_counts_as_success(outcome: Outcome) -> None:
    good = outcome in (Outcome.CREATED, Outcome.ADOPTED, Outcome.VERIFIED)
    assert hours([wanted(1)], report(row(1, outcome=outcome), hour=5)) == {"web-15": 5 if good else None}


def test_a_backup_that_a_rerun_only_found_is_as_old_as_the_run_that_made_it() -> None:
    found: dict[str, Any] = {"outcome": Outcome.ADOPTED, "attempts": 0}
    rerun = report(row(1, **found), hour=72, run_key="monday")
    tuesday = report(row(1, outcome=Outcome.REJECTED), hour=24, run_key="tuesday")
    monday = report(row(1), hour=1, run_key="monday")
    assert hours([wanted(1)], rerun, tuesday, monday) == {"web-15": 1}
    assert hours([wanted(1)], rerun) == {"web-15": 72}  # The run that made it died without a report.
    a_plan = report(row(1, automatic_backup=True, **found), hour=72, run_key="monday")
    assert hours([wanted(1, automatic=True)], a_plan) == {"web-15": 72}  # A plan is there, now.


def test_two_backups_that_a_report_cannot_tell_apart_must_both_be_good() -> None:
    twins = [wanted(1), wanted(1, provider="gdrive", cloud_storage_provider_id=11)]
    one_bad = report(row(1), row(1, outcome=Outcome.REJECTED), hour=48)
    assert hours(twins, one_bad, report(row(1), row(1), hour=24)) == {"web-15": 24}


def test_reading_ends_when_older_reports_can_change_nothing() -> None:
    last = LastSuccess([wanted(1), wanted(1, 16)])
    last.take(report(row(1, outcome=Outcome.ADOPTED, attempts=0), hour=9, run_key="monday"))
    assert not last.complete
    last.take(report(row(1), row(1, 16), row(99), hour=8, run_key="monday"))
    assert last.complete


def test_names_are_the_newest_and_what_left_the_fleet_file_is_gone() -> None:
    reports = report(replace(row(1), server="shop-eu"), hour=9), report(row(1), row(1, 99), hour=8)
    assert hours([wanted(1), wanted(1, 23)], *reports) == {"shop-eu": 9, "server 23": None}


# With rules, the newest report that tells all of a kind says what the fleet is.

INSTANTS = inventory({}).rules


def by_rules(named: Sequence[Target], *newest_first: Report) -> dict[str, float | None]:
    return hours(named, *newest_first, rules=INSTANTS)


@pytest.mark.parametrize("scope", ["all", "instant"])
def test_what_rules_found_is_told_by_the_newest_report_of_all_of_it(scope: str) -> None:
    whole = report(row(1, 15), row(1, 16), hour=24, selection={"scope": scope})
    before = report(row(1, 15), row(1, 16), row(1, 17), hour=2, selection={"scope": scope})
    limited = report(row(1, 16), row(1, 18, outcome=Outcome.REJECTED), hour=30, selection={"scope": "part"})
    # 17 has left the fleet since, and 18 is new in it.
    assert by_rules([], limited, whole, before) == {"web-15": 24, "web-16": 30, "web-18": None}


def test_what_failed_in_the_newest_is_sought_in_older_ones() -> None:
    bad = report(row(1, outcome=Outcome.UNMET), hour=48, selection={"scope": "instant"})
    assert by_rules([], bad, report(row(1), hour=24, selection={"scope": "instant"})) == {"web-15": 24}


def test_a_run_that_never_knew_its_targets_forgets_no_server() -> None:
    unusable = report(hour=48, selection={"scope": "unknown"})
    whole = report(row(1, 15), row(1, 16), hour=24, selection={"scope": "instant"})
    assert by_rules([wanted(9, 20)], unusable, whole) == {"server 20": None, "web-15": 24, "web-16": 24}


def test_with_rules_reading_ends_when_the_fleet_is_known_and_good() -> None:
    last = LastSuccess([], INSTANTS)
    last.take(report(row(1, 16), hour=30, selection={"scope": "part"}))
    last.take(report(row(7, 16, automatic_backup=True), hour=29, selection={"scope": "plans"}))
    assert not last.complete
    last.take(report(row(1, 15), hour=24, selection={"scope": "instant"}))
    assert last.complete
    assert [server.server_id for server in last.servers()] == [16, 15]
