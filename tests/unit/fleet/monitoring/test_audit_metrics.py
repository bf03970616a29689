"""The metrics of an audit, read back with the strict parser of the other ones."""

from datetime import UTC, datetime
from typing import Any

from fleet.audit.finding import Status
from fleet.audit.report import AuditedTarget, AuditReport
from fleet.monitoring.audit_metrics import AuditMetrics, file_name
from fleet.monitoring.metrics import render
from fleet.report.report import Requests
from tests.unit.fleet.monitoring.test_metrics import parse

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
FIELDS: dict[str, Any] = {
    "organization": 5,
    "server_id": 15,
    "server": "web-1",
    "application_id": 4246,
    "application": "shop",
    "domain": "",
    "database_id": None,
    "database": "",
    "type": "application",
    "provider": "wasabi",
    "automatic_backup": False,
    "place": "servers[0].backups[0]",
    "status": Status.FINE,
    "found": Status.FINE,
    "reason": "",
    "newest_good_id": 1,
    "newest_good_at": NOON,
    "newest_good_mb": 1.0,
}


def report(*targets: dict[str, Any]) -> AuditReport:
    return AuditReport(
        fleet="shops",
        audited_at=NOON,
        requests=Requests(total=0, by_call={}),
        totals={Status.FINE: 2},
        verdict="",
        exit_code=0,
        unread=[],
        notes=[],
        targets=[AuditedTarget(**(FIELDS | changes)) for changes in targets],
    )


def test_the_newest_good_backup_of_each_target_and_the_counts() -> None:
    never = {"newest_good_at": None, "database_id": 7}
    uncovered = {"place": "", "application_id": 9, "newest_good_at": None, "type": None}
    found = parse(render(AuditMetrics(report({}, never, uncovered))))
    newest = {dict(labels)["database_id"]: at for (name, labels), at in found.samples.items() if "newest_good" in name}
    assert newest == {"": NOON.timestamp(), "7": 0.0}
    counts = {dict(labels)["status"]: at for (name, labels), at in found.samples.items() if "findings" in name}
    assert counts == {str(status): 2.0 if status is Status.FINE else 0.0 for status in Status}


def test_targets_that_differ_in_their_storage_alone_share_a_series_and_the_oldest_counts() -> None:
    older = {"provider": "gdrive", "newest_good_at": NOON.replace(hour=1)}
    found = parse(render(AuditMetrics(report({}, older))))
    assert [at for (name, _), at in found.samples.items() if "newest_good" in name] == [
        NOON.replace(hour=1).timestamp()
    ]


def test_no_run_of_any_fleet_writes_the_same_file() -> None:
    assert file_name("audit_x") == "fleet_audit_audit_x.prom"
