"""Compares a run with the earlier ones of its fleet, for its announcement."""

from contextlib import aclosing
from typing import Final

from fleet.ledger.reports import reports_of
from fleet.monitoring.digest import News, news_of
from fleet.monitoring.streaks import Streaks
from fleet.report.report import Report
from fleet.settings.settings import Settings
from tasks.telling.announced_run import AnnouncedRun

_LOOKED_BACK: Final = 30
"""Maximum number of reports read: a longer streak is shown as one of this many runs."""


async def compare(run: AnnouncedRun, report: Report, settings: Settings) -> News:
    """Read the earlier reports of the fleet, no further back than streaks reach, and decide what to announce.

    Args:
        run: what ended.
        report: its report.
        settings: of the environment: where the ledger is, and after how many bad runs a target has an alarm.

    Raises:
        LedgerError: the earlier runs cannot be read.
    """
    streaks = Streaks(report)
    ledger_url = settings.ledger_url()
    async with aclosing(reports_of(ledger_url, run.recorded_as, _LOOKED_BACK, besides=report.run_key)) as earlier:
        async for older in earlier:
            if streaks.complete:
                break
            streaks.take(older)
    return news_of(report, streaks, settings.fleet_backup_alarm_after)
