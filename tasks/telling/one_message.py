"""One message to people about the runs of several fleets, in place of one about each."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from prefect import Flow
from prefect.client.schemas.objects import FlowRun, State
from prefect.logging.loggers import flow_run_logger

from fleet.monitoring.events import Ending
from fleet.monitoring.notification import is_worth_it, title
from fleet.settings import settings as environment
from tasks.telling.announced_run import ending_of, is_announced
from tasks.telling.guarded import warn
from tasks.telling.monitors.notify import notify

ALL_FLEETS: Final = "all fleets"
_told_together: Final[ContextVar[bool]] = ContextVar("told_together", default=False)


@contextmanager
def told_together() -> Iterator[None]:
    """Leave it to whoever started the runs of this context to notify people of them."""
    before = _told_together.set(True)
    try:
        yield
    finally:
        _told_together.reset(before)


def is_told_together() -> bool:
    """Whether people are notified of the current run by whoever started it."""
    return _told_together.get()


async def tell_of_all(settings: environment.Settings, ending: Ending, verdict: str) -> list[str]:
    """Notify people of how several fleets ended, if they want to hear of such an end.

    Returns:
        A line for each address that could not be reached.
    """
    destinations = settings.notifications()
    if not destinations or not is_worth_it(settings.fleet_backup_notify_on, ending):
        return []
    return await notify(destinations, title("backup", ALL_FLEETS, ending), verdict, ending)


async def announce_fleets_end(flow: Flow[..., object], flow_run: FlowRun, state: State[object]) -> None:
    """Hook of `all_fleets`: its verdict is the one message."""
    if not is_announced(flow_run, state):
        return
    logger = flow_run_logger(flow_run, flow)
    try:
        settings = environment.load()
    except environment.SettingsError:  # The run itself reports what is wrong with them.
        return
    for problem in await tell_of_all(settings, ending_of(state), state.message or str(state.name)):
        warn(problem, logger)
