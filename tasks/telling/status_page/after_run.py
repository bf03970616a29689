"""What follows a run or an audit once it has ended and been announced: the ledger is tidied, the page is written."""

import logging
import time
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from prefect import Flow
from prefect.client.schemas.objects import FlowRun, State
from prefect.logging.loggers import LoggingAdapter, flow_run_logger

from fleet.ledger.database.engine import is_missing
from fleet.ledger.database.transaction import opened, transacted
from fleet.ledger.days.earlier import note_earlier
from fleet.ledger.days.retention import Keep, remove_old
from fleet.settings import settings as environment
from fleet.settings.settings import Settings
from tasks.telling.announced_run import AnnouncedRun
from tasks.telling.guarded import guarded, warn
from tasks.telling.status_page.write_page import write_page_or_warn

TIDY_SECONDS: Final = 10.0
"""How long old records are removed after one run; what is left by then waits for the next."""
LONGEST_SECONDS: Final = 60.0


async def after_run(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Hook: tidy the ledger and write the status page, unless the run changed nothing or has to end within seconds."""
    run = AnnouncedRun(flow, flow_run, state)
    if not run.is_announced or run.hurried:
        return
    try:
        settings = environment.load()
        url = settings.ledger_url()
    except environment.SettingsError:  # The run itself reports what is wrong with them.
        return
    if is_missing(url):
        return
    logger: logging.Logger | LoggingAdapter = flow_run_logger(flow_run, flow)
    await guarded("the ledger was not tidied", _tidy(url, settings), logger, LONGEST_SECONDS)
    folder = settings.fleet_backup_page_folder
    if folder:
        writing = write_page_or_warn(folder, url, lambda problem: warn(problem, logger))
        await guarded("FLEET_BACKUP_PAGE_FOLDER: the status page was not written", writing, logger, LONGEST_SECONDS)


async def _tidy(url: str, settings: Settings) -> None:
    until = time.monotonic() + TIDY_SECONDS
    keep = Keep(settings.fleet_backup_keep_days, settings.fleet_backup_keep_reports_days)
    async with opened(url) as engine:
        transact = partial(transacted, engine)
        await note_earlier(transact, time.time())
        await remove_old(transact, datetime.now(UTC), keep, lambda: time.monotonic() > until)
