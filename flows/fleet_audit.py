"""The flow `fleet_audit`: whether everything is backed up as it should be."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.runtime import deployment
from prefect.runtime import flow_run as this_flow_run

from fleet.audit.report import AuditReport
from fleet.ledger.lease import Holder
from fleet.ledger.life import shown_alive
from fleet.report.origin import Origin
from fleet.selection.loading import load_inventory
from fleet.settings import settings as environment
from tasks.audit import audit
from tasks.publish import LONGEST_SECONDS
from tasks.publish_audit import publish_audit
from tasks.run import this_run
from tasks.run.credentials import Credentials, account_of
from tasks.run.fleet_name import FleetName
from tasks.run.missed_run import skip_if_missed
from tasks.run.mistakes import MISTAKES, refused, result_of
from tasks.run.termination import termination_ends_this
from tasks.run.unvisited import unvisited
from tasks.telling.announce_audit import announce_audit_end, announce_audit_start, note_audit
from tasks.telling.clean_log import clean_log
from tasks.telling.final_state import state_of_audit
from tasks.telling.guarded import guarded
from tasks.telling.server_back import server_is_back
from tasks.telling.status_page.after_run import after_run

clean_log()  # Before Prefect's first line about a run.


def _flow_run_name() -> str:
    return this_run.name(f"audit {this_run.recorded_as()}")


@flow(
    name="fleet_audit",
    flow_run_name=_flow_run_name,
    persist_result=False,
    on_running=[announce_audit_start],
    on_completion=[announce_audit_end, after_run],
    on_failure=[announce_audit_end, after_run],
    on_crashed=[announce_audit_end, after_run],
    on_cancellation=[announce_audit_end, after_run],
)
async def fleet_audit(
    fleet_file: Path,
    limit: list[str] = [],  # noqa: B006 - nobody changes it
    allow_empty: bool = False,
    credentials: Credentials = "",
    fleet: FleetName = "",
) -> State[Any]:
    """Check whether everything is backed up as the fleet file expects; nothing is created.

    Args:
        fleet_file: The YAML inventory of servers and their backups.
        limit: Only these servers: names, IDs, tag:x, group:x; a leading `!` excludes. Then no monitor is notified.
        allow_empty: Allow `select` rules that match nothing; otherwise the audit fails.
        credentials: A ServerAvatar Credentials block, or its name; if empty, the worker's environment is used.
        fleet: Name of the fleet, if a file lists several; by default the fleet file's.
    """
    if skipped := await skip_if_missed():
        return skipped
    try:
        settings = environment.load()
        account = await account_of(credentials, settings)
        ledger_url = settings.ledger_url()
        inventory, _ = await load_inventory(fleet_file, limit, datetime.now(UTC), None, ledger_url)
        access = unvisited(account), ledger_url
        origin = Origin.of(fleet or fleet_file.name, deployment.name)
        with termination_ends_this():
            async with shown_alive(ledger_url, Holder(str(this_flow_run.id))):
                auditing = audit(origin.fleet, unvisited(inventory), *access, allow_empty, return_state=True)
                report = cast("AuditReport", await result_of(auditing))
                note_audit(this_flow_run.id, report)
                await server_is_back()
    except MISTAKES as error:
        return refused(error)
    await guarded(
        "the audit was not published in the Prefect UI",
        publish_audit(unvisited(report), origin),
        get_run_logger(),
        LONGEST_SECONDS,
    )
    return state_of_audit(report)
