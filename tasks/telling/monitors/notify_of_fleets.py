"""Notifies people of the one verdict about several fleets; their runs, which it is about, notify nobody themselves."""

from typing import Any, Final

from prefect import Flow
from prefect.client.schemas.objects import FlowRun, State
from prefect.logging.loggers import flow_run_logger

from fleet.monitoring.notification import is_worth_it, title
from tasks.telling.announce import settings_or_warning
from tasks.telling.announced_run import ending_of, is_announced
from tasks.telling.guarded import warn
from tasks.telling.monitors.notify import notify

_ALL: Final = "all fleets"


async def notify_of_fleets(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Hook: notify people how the fleets ended, if they want to hear of it."""
    logger = flow_run_logger(flow_run, flow)
    settings = settings_or_warning(logger) if is_announced(flow_run, state) else None
    ending = ending_of(state)
    if settings is None or not is_worth_it(settings.fleet_backup_notify_on, ending):
        return
    text = state.message or str(state.name)
    for problem in await notify(settings.notifications(), title("backup", _ALL, ending), text, ending):
        warn(problem, logger)
