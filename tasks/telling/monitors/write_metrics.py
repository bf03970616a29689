"""The metrics of a fleet: into the folder of node_exporter's textfile collector, and to a Pushgateway."""

from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from prometheus_client.registry import Collector

from fleet.ledger.reports import reports_of
from fleet.monitoring.last_success import LastSuccess, ServerSuccess
from fleet.monitoring.metrics import RunMetrics, file_name, render
from fleet.report.report import Report
from fleet.selection.loading import load_inventory
from fleet.settings.settings import Settings
from tasks.telling.announced_run import AnnouncedRun
from tasks.telling.guarded import Logger, guarded
from tasks.telling.monitors.push_metrics import RUNS, push_metrics
from tasks.telling.replace_file import replace_file

_LOOKED_BACK: Final = 500
"""Maximum number of reports read. A server whose last success is older has 0: its alarm has long been on."""
READABLE: Final = 0o644


async def tell_metrics(run: AnnouncedRun, report: Report, settings: Settings, logger: Logger) -> None:
    """Write and push the metrics of a run, wherever the settings want them; a failure is a warning.

    Args:
        run: what ended.
        report: its report; also of an interrupted run, which the ledger does not keep.
        settings: of the environment.
        logger: of the run.
    """
    if settings.fleet_backup_metrics_folder is None and settings.pushgateway() is None:
        return
    collecting = _last_successes(run, report, settings.ledger_url())
    servers = await guarded("the metrics of earlier runs were not read, so none are written", collecting, logger)
    if servers is not None:
        metrics = RunMetrics(run.fleet, report, servers)
        await deliver(settings, Delivery(file_name(run.fleet), RUNS, run.fleet, metrics), logger)


@dataclass(frozen=True, slots=True)
class Delivery:
    """Metrics, and as what they are delivered.

    Attributes:
        file: name of their file in the folder.
        job: their job on the Pushgateway.
        fleet: whose they are; the group of the job.
        metrics: themselves.
    """

    file: str
    job: str
    fleet: str
    metrics: Collector


async def deliver(settings: Settings, delivery: Delivery, logger: Logger) -> None:
    """Replace a fleet's file, and its group on the Pushgateway, each in one step: a reader sees the old or the new."""
    folder, gateway = settings.fleet_backup_metrics_folder, settings.pushgateway()
    if folder:
        writing = _write(folder / delivery.file, delivery.metrics)
        await guarded("FLEET_BACKUP_METRICS_FOLDER: the metrics were not written", writing, logger)
    if gateway:
        pushing = push_metrics(gateway, delivery.job, delivery.fleet, delivery.metrics)
        await guarded("FLEET_BACKUP_PUSHGATEWAY_URL: the metrics were not pushed", pushing, logger)


async def _write(file: Path, metrics: Collector) -> None:
    replace_file(file, render(metrics), READABLE)


async def _last_successes(run: AnnouncedRun, report: Report, ledger_url: str) -> list[ServerSuccess]:
    """Of every server of the fleet, as the ledger has it, whatever this run left out; no request is sent for it."""
    inventory, _ = await load_inventory(run.fleet_file, [], report.started_at, None, ledger_url)
    last_success = LastSuccess(inventory.targets, inventory.rules)
    last_success.take(report)
    async with aclosing(reports_of(ledger_url, run.recorded_as, _LOOKED_BACK)) as earlier:
        async for older in earlier:
            if last_success.complete:
                break
            last_success.take(older)
    return last_success.servers()
