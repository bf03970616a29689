"""The flow `fleet_backup`: back up a fleet, and report how every target ended."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field

from fleet.creation.concurrency import LARGEST_CONCURRENCY, USUAL_CONCURRENCY
from fleet.inventory.caps import Caps
from fleet.inventory.narrowing import Kind
from fleet.selection.selection import of_kind
from fleet.settings import settings as environment
from flows.back_up import back_up
from tasks.run import this_run
from tasks.run.credentials import Credentials, account_of
from tasks.run.fleet_name import FleetName
from tasks.run.missed_run import skip_if_missed
from tasks.run.mistakes import MISTAKES, refused, result_of
from tasks.run.options import RunOptions
from tasks.telling.announce import announce_end, announce_start
from tasks.telling.clean_log import clean_log
from tasks.telling.final_state import state_of
from tasks.telling.status_page.after_run import after_run
from tasks.validate import validate_fleet_file

Concurrency = Annotated[int, Field(ge=1, le=LARGEST_CONCURRENCY)]
Seconds = Annotated[float, Field(gt=0)]
Percent = Annotated[float, Field(ge=0, le=100)]
Count = Annotated[int, Field(ge=0)]

clean_log()  # Before Prefect's first line about a run.


def _flow_run_name() -> str:
    return this_run.name(f"back up {this_run.recorded_as()}")


# Texts that are empty instead of None: Prefect's form would offer a choice between two types.
@flow(
    name="fleet_backup",
    flow_run_name=_flow_run_name,
    persist_result=False,
    on_running=[announce_start],
    on_completion=[announce_end, after_run],
    on_failure=[announce_end, after_run],
    on_crashed=[announce_end, after_run],
    on_cancellation=[announce_end, after_run],
)
async def fleet_backup(  # noqa: PLR0913, PLR0917 - each parameter is a field of Prefect's form
    fleet_file: Path,
    limit: list[str] = [],  # noqa: B006 - nobody changes it
    dry_run: bool = False,
    run_key: str = "",
    verify: bool = True,
    verify_timeout: Seconds = 3600.0,
    concurrency: Concurrency = USUAL_CONCURRENCY,
    max_failures: Percent = 100.0,
    failed_from: str = "",
    resend_plans: list[str] = [],  # noqa: B006 - nobody changes it
    update_plans: bool = False,
    approve_above: Count = 0,
    credentials: Credentials = "",
    only: Kind = "all",
    allow_empty: bool = False,
    fleet: FleetName = "",
    max_running_per_server: Count = 0,
    max_running_per_provider: Count = 0,
) -> State[Any]:
    """Back up every target of a fleet file and prove that each backup is complete.

    Args:
        fleet_file: The YAML inventory of servers and their backups.
        limit: Only these servers: names, IDs, tag:x, group:x; a leading `!` excludes.
        dry_run: Check everything and create nothing.
        run_key: Runs with the same key create each backup once. Default: the scheduled time, else the flow run's ID.
        verify: Wait until every backup that starts now is proven complete.
        verify_timeout: Mark incomplete backups unverified after this many seconds.
        concurrency: Maximum concurrent requests.
        max_failures: Stop sending when more than this percentage of the creates has failed; 100 never stops.
        failed_from: Retry only the failures listed in this report, or of the `last` run of this file; continues it.
        resend_plans: Re-create these automatic plans even if they may already exist: key, SERVER/APPLICATION, or `all`.
        update_plans: Update automatic plans that differ from the fleet file.
        approve_above: Require approval above this many backups, in runs started manually; 0 never asks.
        credentials: A ServerAvatar Credentials block, or its name; if empty, the worker's environment is used.
        only: Instant backups, automatic plans, or all.
        allow_empty: Allow `select` rules that match nothing; otherwise the run ends and creates nothing.
        fleet: Name of the fleet, if a file lists several; by default the fleet file's.
        max_running_per_server: Maximum concurrent backups per server; 0: as the fleet file has it.
        max_running_per_provider: Maximum concurrent backups per cloud storage provider; 0: as the fleet file has it.
    """
    if skipped := await skip_if_missed():
        return skipped
    try:
        settings = environment.load()
        account = await account_of(credentials, settings)
        read = fleet_file, limit, failed_from, settings.ledger_url(), fleet
        validating = validate_fleet_file(*read, return_state=True)
        inventory, earlier_key = await result_of(validating)
        options = RunOptions(
            run_key=this_run.run_key(run_key or earlier_key),
            fleet=fleet or fleet_file.name,
            dry_run=dry_run,
            verify=verify,
            verify_timeout=verify_timeout,
            concurrency=concurrency,
            max_failures=max_failures,
            resend_plans=tuple(resend_plans),
            update_plans=update_plans,
            approve_above=this_run.approve_above(approve_above, dry_run=dry_run),
            allow_empty=allow_empty,
        )
        caps = inventory.caps.replaced_by(Caps(max_running_per_server, max_running_per_provider))
        wanted = of_kind(replace(inventory, caps=caps), only)
        return state_of(await back_up(wanted, options, settings, account))
    except MISTAKES as error:
        return refused(error)
