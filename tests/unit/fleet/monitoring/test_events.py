"""Events: names, ids and payloads that people's automations rely on."""

import json

from fleet.monitoring.events import Ending, of_api_changes, of_bad_runs, of_bad_targets, of_fleet
from fleet.report.outcome import Outcome
from tests.unit.fleet.reports import report, row

COMPLETED, WARNINGS, FAILED = Ending.COMPLETED, Ending.WITH_WARNINGS, Ending.FAILED


def test_the_event_of_a_fleet_tells_the_verdict_and_the_counts() -> None:
    whole = report(row(1), row(2, outcome=Outcome.REJECTED))
    event = of_fleet("shops", WARNINGS, "1 rejected", whole, "1 rejected\nnew: site 2")
    assert event.name == "fleet-backup.fleet.with-warnings"
    identity = {"prefect.resource.id": "fleet-backup.fleet.shops", "prefect.resource.name": "shops"}
    assert event.resource == {**identity, "fleet-backup.together": "no"}
    assert event.payload == {
        "verdict": "1 rejected",
        "digest": "1 rejected\nnew: site 2",
        "run_key": "nightly",
        "exit_code": 0,
        "seconds": 60.0,
        "requests": 9,
        "totals": {"verified": 1, "rejected": 1},
        "bad_targets": 1,
        "bad_targets_without_event": 0,
    }


def test_a_run_without_a_report_has_an_event_too() -> None:
    event = of_fleet("Müller & Söhne", FAILED, "the fleet file has 3 mistakes", None)
    assert event.resource["prefect.resource.id"] == "fleet-backup.fleet.M%C3%BCller%20%26%20S%C3%B6hne"
    assert event.payload == dict.fromkeys(("verdict", "digest"), "the fleet file has 3 mistakes")


def test_a_bad_target_is_named_by_what_stays_the_same_from_run_to_run() -> None:
    bad = row(1, outcome=Outcome.IN_DOUBT, reason="nobody knows", automatic_backup=True, database_id=None)
    (event,) = of_bad_targets("shops", report(row(2), bad))
    assert event.name == "fleet-backup.target.in-doubt"
    assert event.resource == {
        "prefect.resource.id": "fleet-backup.target.5.15.4001.0.application.plan",
        "prefect.resource.name": "web-15 · site 1",
        "fleet-backup.fleet": "shops",
        "fleet-backup.server": "web-15",
        "fleet-backup.outcome": "in_doubt",
    }
    assert event.payload == {"reason": "nobody knows", "attempts": 1, "run_key": "nightly"}


def test_a_thousand_bad_targets_are_few_and_small_events_the_worst_first() -> None:
    rows = [row(n, outcome=Outcome.REJECTED, reason="full " * 1000) for n in range(999)]
    whole = report(*rows, row(999, outcome=Outcome.IN_DOUBT))
    events = of_bad_targets("shops", whole)
    fleet = of_fleet("shops", FAILED, "no " * 10_000, whole)
    assert events[0].name == "fleet-backup.target.in-doubt"
    assert len(events) == 20
    assert fleet.payload["bad_targets"] == 1000
    assert fleet.payload["bad_targets_without_event"] == 980
    assert max(len(json.dumps(event.payload)) for event in events) < 1500
    assert len(json.dumps(fleet.payload)) < 8000


def test_bad_runs_in_a_row_are_counted_back_to_the_last_good_one() -> None:
    def runs(*endings: Ending) -> object:
        event = of_bad_runs("shops", endings, "bad")
        return event and (event.name, event.payload["bad_runs_in_a_row"])

    assert runs(FAILED, WARNINGS) is None
    assert runs(FAILED, FAILED, COMPLETED, FAILED) is None
    assert runs(COMPLETED, FAILED, FAILED, FAILED) is None
    assert runs(FAILED, WARNINGS, FAILED, COMPLETED) == ("fleet-backup.fleet.bad-runs-in-a-row", 3)
    assert runs(*[FAILED] * 7) == ("fleet-backup.fleet.bad-runs-in-a-row", 7)


def test_what_an_api_shows_otherwise_than_before_is_one_event_and_nothing_is_none() -> None:
    (event,) = of_api_changes("shops", ["organization 5: the list no longer shows names", "x" * 10_000])
    assert (event.name, event.resource["prefect.resource.name"]) == ("fleet-backup.fleet.api-changed", "shops")
    assert event.payload["changes"].startswith("organization 5: the list no longer shows names\n")
    assert len(json.dumps(event.payload)) < 8000
    assert of_api_changes("shops", []) == []
