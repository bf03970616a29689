"""Announces an audit to monitors and automations: its own heartbeats, an event, metrics (see `tasks.telling.announce`).

An audit of a part of the fleet (`limit`) is not announced: it shows nothing about the rest.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from prefect import Flow
from prefect.client.schemas.objects import FlowRun, State
from prefect.logging.loggers import flow_run_logger

from fleet.audit.report import AuditReport
from fleet.monitoring.audit_events import of_audit
from fleet.monitoring.audit_metrics import AuditMetrics, file_name
from fleet.monitoring.digest import News
from fleet.monitoring.events import FleetEvent, of_api_changes
from fleet.monitoring.heartbeat import Beat, Moment
from tasks.telling.announce import notify_monitors, notify_people, settings_or_warning
from tasks.telling.announced_run import AnnouncedRun
from tasks.telling.emit_events import emit
from tasks.telling.guarded import guarded
from tasks.telling.monitors import heartbeats as ping
from tasks.telling.monitors.push_metrics import AUDITS
from tasks.telling.monitors.write_metrics import Delivery, deliver

_reports: dict[UUID, AuditReport] = {}
_starts: dict[UUID, list[ping.Call]] = {}


def note_audit(run_id: str | None, report: AuditReport) -> None:
    """Remember the report of an audit for its announcement, which follows when its final state is set."""
    if run_id:
        _reports[UUID(run_id)] = report


async def announce_audit_start(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Hook: notify the monitors that an audit begins."""
    run = AnnouncedRun(flow, flow_run, state)
    settings = settings_or_warning(flow_run_logger(flow_run, flow))
    if settings and _is_announced(run):
        beat = Beat(Moment.START, run.fleet, run.id)
        _starts.setdefault(flow_run.id, []).extend(ping.begin(settings.audit_heartbeats(), beat, pauses=()))


async def announce_audit_end(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Hook: announce how an audit ended."""
    report, starts = _reports.pop(flow_run.id, None), _starts.pop(flow_run.id, [])
    run = AnnouncedRun(flow, flow_run, state)
    if not _is_announced(run):
        return
    logger = flow_run_logger(flow_run, flow)
    events = [
        of_audit(run.fleet, run.ending, run.verdict, report),
        *of_api_changes(run.fleet, report.api_changes if report else []),
    ]
    await guarded("the events were not sent", _emit(events, run), logger)
    settings = settings_or_warning(logger)
    if settings is None:
        return
    for problem in await notify_monitors(settings.audit_heartbeats(), run, News(run.verdict), starts):
        logger.warning("%s", problem)
    await notify_people(settings, run, "audit", News(run.verdict), logger)
    if report and not report.unread:
        delivery = Delivery(file_name(report.fleet), AUDITS, report.fleet, AuditMetrics(report))
        await deliver(settings, delivery, logger)


def _is_announced(run: AnnouncedRun) -> bool:
    return run.is_announced and not run.flow_run.parameters.get("limit")


async def _emit(events: Sequence[FleetEvent], run: AnnouncedRun) -> None:
    for event in events:
        emit(event, run)
