"""The metrics of a fleet in Prometheus' text format, for node_exporter's textfile collector.

All are gauges: each run rewrites the file, so nothing counts up. Names and labels are a contract with people's alert
rules. The HELP text of a name must be the same in every file of the folder, also in files of an older version.
"""

from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import quote

from prometheus_client import generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from fleet.monitoring.label import label
from fleet.monitoring.last_success import ServerSuccess
from fleet.report.outcome import Outcome
from fleet.report.report import Report

_LAST_SUCCESS: Final = (
    "fleet_backup_last_success_timestamp_seconds",
    "When all targets of the server were last created, adopted or verified: the oldest of their ends; 0: never.",
)
_ENDED: Final = ("fleet_backup_last_run_timestamp_seconds", "When the last run that wrote a report ended.")
_EXIT: Final = ("fleet_backup_last_run_exit_code", "The exit code of the last run; 0: all that was asked is done.")
_DURATION: Final = ("fleet_backup_last_run_duration_seconds", "How long the last run took, until its report.")
_TARGETS: Final = ("fleet_backup_last_run_targets", "Targets of the last run, by outcome; --limit leaves targets out.")
_REQUESTS: Final = ("fleet_backup_last_run_requests", "Requests of the last run to the ServerAvatar API, by call.")


def file_name(fleet: str) -> str:
    """The name of a fleet's file: one per fleet, so that no run touches the metrics of another fleet."""
    return f"fleet_backup_{quote(fleet, safe='')}.prom"


def render(metrics: Collector) -> str:
    """The metrics as text."""
    return generate_latest(metrics).decode()


class RunMetrics(Collector):
    """The metrics of a fleet after a run, collected by prometheus_client."""

    def __init__(self, fleet: str, report: Report, servers: Sequence[ServerSuccess]) -> None:
        """Take what they are made of.

        Args:
            fleet: the name of the fleet.
            report: of the run that has just ended.
            servers: every server of the fleet, including those that the run left out.
        """
        self._fleet = label(fleet)
        self._report = report
        self._servers = servers

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Every metric, in the order of the file."""
        report = self._report
        last_success = GaugeMetricFamily(*_LAST_SUCCESS, labels=["fleet", "organization", "server_id", "server"])
        for server in self._servers:
            labels = [self._fleet, str(server.organization), str(server.server_id), label(server.server)]
            last_success.add_metric(labels, server.at)
        yield last_success
        yield self._of_fleet(_ENDED, report.ended_at.timestamp())
        yield self._of_fleet(_EXIT, report.exit_code)
        yield self._of_fleet(_DURATION, (report.ended_at - report.started_at).total_seconds())
        targets = GaugeMetricFamily(*_TARGETS, labels=["fleet", "outcome"])
        for outcome in Outcome:
            targets.add_metric([self._fleet, outcome], report.totals.get(outcome, 0))
        yield targets
        requests = GaugeMetricFamily(*_REQUESTS, labels=["fleet", "call"])
        for call, count in report.requests.by_call.items():
            requests.add_metric([self._fleet, call], count)
        yield requests

    def _of_fleet(self, metric: tuple[str, str], value: float) -> GaugeMetricFamily:
        family = GaugeMetricFamily(*metric, labels=["fleet"])
        family.add_metric([self._fleet], value)
        return family
