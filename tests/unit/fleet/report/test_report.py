"""The report: the contract that other programs read."""

import json
from datetime import UTC, datetime, timedelta

from fleet.proof.proof import Evidence
from fleet.report.outcome import Outcome, Result, decide
from fleet.report.report import Report, build
from tests.unit.fleet.builders import instant, plan, target

BEGAN = datetime(2030, 7, 13, 17, 49, tzinfo=UTC)


def example() -> Report:
    results = [
        Result(
            target(),
            "web-0001",
            "shop",
            Outcome.VERIFIED,
            "",
            301,
            2,
            1.23456,
            "shop.example.com",
            Evidence.NAMED,
            (301, 305),
        ),
        Result(target(plan(database_id=None), server_id=16), "web-0002", "blog", Outcome.UNMET, "disk 99 % full"),
        Result(target(instant(application_id=1)), "web-0001", "wiki", Outcome.VERIFIED, "", 302, 1, 0.5),
    ]
    calls = {"list servers": 1, "create backup": 3}
    return build("monday", (BEGAN, BEGAN + timedelta(seconds=61.5)), calls, results, decide(results))


def test_the_report_has_the_contracts_fields_and_values() -> None:
    assert json.loads(example().model_dump_json()) == {
        "schema": 1,
        "run_key": "monday",
        "started_at": "2030-07-13T17:49:00Z",
        "ended_at": "2030-07-13T17:50:01.500000Z",
        "requests": {"total": 4, "by_call": {"create backup": 3, "list servers": 1}, "least": 4},
        "totals": {"unmet": 1, "verified": 2},
        "verdict": "2 verified, 1 unmet (web-0002: disk 99 % full); "
        "1 created twice (web-0001 · shop: backups 301, 305)",
        "exit_code": 3,
        "selection": {"scope": "part", "rules": [], "unmatched": [], "unread": [], "unread_organizations": []},
        "notes": [],
        "api_changes": [],
        "targets": [
            {
                "organization": 5,
                "server_id": 15,
                "server": "web-0001",
                "application": "shop",
                "domain": "shop.example.com",
                "application_id": 4246,
                "database_id": 4223,
                "type": "application",
                "automatic_backup": False,
                "outcome": "verified",
                "reason": "",
                "backup_id": 301,
                "attempts": 2,
                "seconds": 1.235,
                "evidence": "named",
                "twins": [301, 305],
                "sent": True,
            },
            {
                "organization": 5,
                "server_id": 16,
                "server": "web-0002",
                "application": "blog",
                "domain": "",
                "application_id": 4246,
                "database_id": None,
                "type": "application",
                "automatic_backup": True,
                "outcome": "unmet",
                "reason": "disk 99 % full",
                "backup_id": None,
                "attempts": 0,
                "seconds": 0.0,
                "evidence": None,
                "twins": [],
                "sent": False,
            },
            {
                "organization": 5,
                "server_id": 15,
                "server": "web-0001",
                "application": "wiki",
                "domain": "",
                "application_id": 1,
                "database_id": 4223,
                "type": "application",
                "automatic_backup": False,
                "outcome": "verified",
                "reason": "",
                "backup_id": 302,
                "attempts": 1,
                "seconds": 0.5,
                "evidence": None,
                "twins": [],
                "sent": True,
            },
        ],
    }


def test_a_report_can_be_read_back() -> None:
    assert Report.model_validate_json(example().model_dump_json()) == example()


def test_a_run_over_nothing_has_a_report() -> None:
    empty = json.loads(build("monday", (BEGAN, BEGAN), {}, [], decide([])).model_dump_json())
    assert empty["requests"] == {"total": 0, "by_call": {}, "least": 0}
    assert (empty["totals"], empty["targets"]) == ({}, [])
