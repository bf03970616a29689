"""Writes the metrics of a fleet into the folder of node_exporter's textfile collector."""

from contextlib import aclosing
from pathlib import Path
from typing import Final

from fleet.ledger.reports import reports_of
from fleet.monitoring.last_success import LastSuccess, ServerSuccess
from fleet.monitoring.metrics import file_name, render
from fleet.report.report import Report
from fleet.selection.loading import load_inventory
from tasks.telling.announced_run import AnnouncedRun
from tasks.telling.replace_file import replace_file

_LOOKED_BACK: Final = 500
"""Maximum number of reports read. A server whose last success is older has 0: its alarm has long been on."""
READABLE: Final = 0o644


async def write_metrics(folder: Path, run: AnnouncedRun, report: Report, ledger_url: str) -> None:
    """Replace a fleet's file in one step: a reader sees the old one or the new one.

    Args:
        folder: of the textfile collector.
        run: what ended.
        report: its report; also of an interrupted run, which the ledger does not keep.
        ledger_url: where the reports of the earlier runs are.

    Raises:
        OSError: the folder cannot be written.
        LedgerError: the earlier runs cannot be read; the file stays as it is.
        FleetFileError: the fleet file has changed into one with mistakes; the file stays as it is.
    """
    servers = await _last_successes(run, report, ledger_url)
    replace_file(folder / file_name(run.fleet), render(run.fleet, report, servers), READABLE)


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
