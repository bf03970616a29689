"""Announces to monitors and automations that a run started and how it ended: heartbeats, events, metrics.

Hooks of the flow, not part of its body: they run once its state is set, also if it was interrupted, had a mistake in
its fleet file or crashed, and cannot change its verdict. A failure in here is a warning in the run's log and on the
terminal (docs/decisions/0014-alarms-beside-the-run.md).
"""

import logging
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from prefect import Flow
from prefect.client.schemas.objects import FlowRun, State
from prefect.logging.loggers import LoggingAdapter, flow_run_logger

from fleet.monitoring.digest import News
from fleet.monitoring.events import Ending
from fleet.monitoring.heartbeat import Beat, Heartbeat, Moment
from fleet.monitoring.notification import is_worth_it, title
from fleet.report.report import Report
from fleet.settings import settings as environment
from tasks.telling.announced_run import AnnouncedRun
from tasks.telling.compare import compare
from tasks.telling.emit_events import emit_ending
from tasks.telling.guarded import Logger, guarded, warn
from tasks.telling.monitors import heartbeats as ping
from tasks.telling.monitors.notify import notify
from tasks.telling.monitors.write_metrics import tell_metrics
from tasks.telling.one_message import is_told_together

PING_SECONDS: Final = 20.0
"""Longest wait at the end of a run for the monitors' responses."""
HURRIED_SECONDS: Final = ping.TIMEOUT_SECONDS
"""The same for a run that was interrupted or cancelled: without retries."""


@dataclass(slots=True)
class _Known:
    """What this process remembers of a run until its end has been announced."""

    report: Report | None = None
    starts: list[ping.Call] = field(default_factory=list)


_runs: dict[UUID, _Known] = {}


def note_report(run_id: str | None, report: Report) -> None:
    """Remember the report of a run for its announcement, which follows when its final state is set."""
    if run_id:
        _runs.setdefault(UUID(run_id), _Known()).report = report


async def announce_start(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Hook: notify the monitors that a run begins, once and without waiting for them.

    A retry could arrive after the end, and a monitor would take the run for running. So would it a run that waits for
    hours for its approval: its start follows when it is resumed.
    """
    run = AnnouncedRun(flow, flow_run, state)
    settings = settings_or_warning(flow_run_logger(flow_run, flow))
    if settings and run.is_announced and not run.may_wait:
        calls = ping.begin(settings.heartbeats(), Beat(Moment.START, run.fleet, run.id), pauses=())
        _runs.setdefault(flow_run.id, _Known()).starts += calls


async def announce_end(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Hook: announce how a run ended."""
    known = _runs.pop(flow_run.id, _Known())
    run = AnnouncedRun(flow, flow_run, state, known.report)
    if not run.is_announced:
        return
    logger = flow_run_logger(flow_run, flow)
    settings = settings_or_warning(logger)
    news = await _news(run, settings, logger)
    await guarded("the events were not sent", emit_ending(run, news), logger)
    if settings is None:
        return
    told = await notify_monitors(settings.heartbeats(), run, news, known.starts)
    for problem in dict.fromkeys(told):  # Start and end in one line.
        warn(problem, logger)
    if not (run.is_one_of_several or is_told_together()):
        await notify_people(settings, run, "backup", news, logger)
    if run.report:
        await tell_metrics(run, run.report, settings, logger)


async def _news(
    run: AnnouncedRun, settings: environment.Settings | None, logger: logging.Logger | LoggingAdapter
) -> News:
    """What is announced; of a run that has no report, or has to end within seconds, the verdict alone."""
    only_verdict = News(run.verdict)
    if settings is None or run.report is None or run.hurried:
        return only_verdict
    compared = compare(run, run.report, settings)
    return await guarded("the run was not compared to earlier ones", compared, logger) or only_verdict


async def notify_monitors(
    heartbeats: tuple[Heartbeat, ...], run: AnnouncedRun, news: News, starts: list[ping.Call]
) -> list[str]:
    """Notify them of the end after the start: the other way around, a monitor would take the run for running.

    Returns:
        A line for each monitor that could not be reached.
    """
    problems = await ping.until_done(starts, HURRIED_SECONDS)
    moment = Moment.SUCCESS if run.ending is Ending.COMPLETED else Moment.FAIL
    beat = Beat(moment, run.fleet, run.id, news.text, run.seconds)
    calls = ping.begin(heartbeats, beat, () if run.hurried else ping.PAUSES)
    return problems + await ping.until_done(calls, HURRIED_SECONDS if run.hurried else PING_SECONDS)


async def notify_people(
    settings: environment.Settings, run: AnnouncedRun, what: str, news: News, logger: Logger
) -> None:
    """Notify people through Apprise, if they want to hear of such an end; `all_fleets` does it for all its runs."""
    destinations = () if run.is_one_of_several else settings.notifications()
    on = settings.fleet_backup_notify_on
    if destinations and is_worth_it(on, run.ending, recovered=bool(news.recovered)):
        seconds = HURRIED_SECONDS if run.hurried else PING_SECONDS
        subject = title(what, run.fleet, run.ending)
        for problem in await notify(destinations, subject, news.text, run.ending, seconds):
            warn(problem, logger)


def settings_or_warning(logger: logging.Logger | LoggingAdapter) -> environment.Settings | None:
    """Read the settings, or warn that they cannot be read."""
    try:
        return environment.load()
    except environment.SettingsError:  # The run itself reports what is wrong with them.
        warn("no monitor is notified and no metrics are written: the settings cannot be read", logger)
        return None
