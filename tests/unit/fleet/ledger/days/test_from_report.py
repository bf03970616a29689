"""What a report shows of its targets."""

from fleet.ledger.days.from_report import Known, seen_in, worst_of
from fleet.ledger.days.seen import fleet_name
from fleet.report.outcome import Outcome
from tests.unit.fleet.ledger.days.days import at
from tests.unit.fleet.reports import report, row

SENT = at(1).timestamp()


def test_of_a_thing_that_is_backed_up_to_two_storages_the_worst_counts() -> None:
    told = report(row(1), row(1, outcome=Outcome.UNMET, reason="no such storage"), row(1), row(2))
    first, second = seen_in(told, "fleet", {})
    assert (first.standing, first.reason, first.succeeded) == ("unmet", "no such storage", False)
    assert (second.standing, second.succeeded) == ("verified", True)
    known = worst_of([(row(1).subject, Known(10.0, SENT, True)), (row(1).subject, Known(5.0, None, False))])
    assert known == {row(1).subject: Known(5.0, SENT, False)}


def test_a_backup_counts_once_it_is_proven_and_from_when_it_was_sent() -> None:
    known = {row(1).subject: Known(60.0, SENT, True), row(2).subject: Known(60.0, SENT, False)}
    proven, unproven, unknown = seen_in(report(row(1), row(2), row(3)), "fleet", known)
    assert (proven.good_at, proven.max_age) == (at(1), 60.0)
    assert (unproven.good_at, unproven.max_age) == (None, 60.0)
    assert (unknown.good_at, unknown.max_age) == (None, None)


def test_an_old_report_proves_what_its_run_sent_and_verified() -> None:
    rows = [row(1), row(2, attempts=0), row(3, outcome=Outcome.ADOPTED), row(4, outcome=Outcome.PLANNED)]
    assert [each.good_at for each in seen_in(report(*rows, hour=1), "fleet")] == [at(1 - 1 / 60), None, None]


def test_runs_and_audits_call_a_fleet_the_same() -> None:
    assert fleet_name("fleet.yaml") == fleet_name("fleet") == "fleet"
