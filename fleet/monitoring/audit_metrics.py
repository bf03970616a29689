"""The metrics of an audit in Prometheus' text format, in a separate file (see `fleet.monitoring.metrics`)."""

from collections.abc import Iterable
from typing import Final
from urllib.parse import quote

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from fleet.audit.finding import Status
from fleet.audit.report import AuditReport
from fleet.monitoring.label import label

_NEVER: Final = 0.0
_LABELS: Final = ("organization", "server_id", "server", "application_id", "application", "database_id", "type")
_NEWEST_GOOD: Final = (
    "fleet_backup_newest_good_timestamp_seconds",
    "When the newest good backup of the target began, as the last audit saw it; of several alike, the oldest; 0: none.",
)
_FINDINGS: Final = ("fleet_backup_audit_findings", "Targets, applications and databases of the last audit, by status.")
_AUDITED: Final = ("fleet_backup_audit_timestamp_seconds", "When the last audit that could read everything began.")


def file_name(fleet: str) -> str:
    """The name of a fleet's file; runs write files with another prefix."""
    return f"fleet_audit_{quote(fleet, safe='')}.prom"


class AuditMetrics(Collector):
    """The metrics of a fleet after an audit of all of it, collected by prometheus_client."""

    def __init__(self, report: AuditReport) -> None:
        self._report = report

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Every metric, in the order of the file."""
        newest_good = GaugeMetricFamily(*_NEWEST_GOOD, labels=["fleet", *_LABELS])
        for labels, at in self._newest_good().items():
            newest_good.add_metric([label(self._report.fleet), *labels], at)
        yield newest_good
        findings = GaugeMetricFamily(*_FINDINGS, labels=["fleet", "status"])
        for status in Status:
            findings.add_metric([label(self._report.fleet), status], self._report.totals.get(status, 0))
        yield findings
        audited = GaugeMetricFamily(*_AUDITED, labels=["fleet"])
        audited.add_metric([label(self._report.fleet)], self._report.audited_at.timestamp())
        yield audited

    def _newest_good(self) -> dict[tuple[str, ...], float]:
        """By labels: targets that differ only in storage or schedule share a series."""
        found: dict[tuple[str, ...], float] = {}
        for target in self._report.targets:
            if target.place:
                values = target.model_dump(include=set(_LABELS))
                labels = tuple(label(str(values[name] if values[name] is not None else "")) for name in _LABELS)
                at = target.newest_good_at.timestamp() if target.newest_good_at else _NEVER
                found[labels] = min(at, found.get(labels, at))
        return found
