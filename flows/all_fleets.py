"""The flow `all_fleets`: back up several fleets, each by its own deployment, with one verdict about all of them."""

from typing import Annotated, Any

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run as this_flow_run
from pydantic import Field

from fleet.ledger.lease import Holder
from fleet.ledger.life import shown_alive
from fleet.report.several.fleets_report import decide
from fleet.settings import settings as environment
from fleet.settings.settings import SettingsError
from tasks.phases.follow_fleets import follow_fleets
from tasks.phases.start_fleets import start_fleets
from tasks.publish import LONGEST_SECONDS
from tasks.publish_fleets import publish_fleets
from tasks.run import this_run
from tasks.run.fleet_name import FleetName
from tasks.run.missed_run import skip_if_missed
from tasks.run.mistakes import refused
from tasks.run.termination import termination_ends_this
from tasks.run.unvisited import unvisited
from tasks.telling.clean_log import clean_log
from tasks.telling.final_state import state_of_verdict
from tasks.telling.guarded import guarded
from tasks.telling.one_message import announce_fleets_end
from tasks.telling.server_back import server_is_back

Fleets = Annotated[list[FleetName], Field(min_length=1)]
DeploymentName = Annotated[str, Field(pattern=r"^[^/%&<>]+$", max_length=100)]

clean_log()  # Before Prefect's first line about a run.


def _flow_run_name() -> str:
    return this_run.name("back up all fleets")


@flow(
    name="all_fleets",
    flow_run_name=_flow_run_name,
    persist_result=False,
    on_completion=[announce_fleets_end],
    on_failure=[announce_fleets_end],
    on_crashed=[announce_fleets_end],
    on_cancellation=[announce_fleets_end],
)
async def all_fleets(fleets: Fleets, deployment: DeploymentName = "nightly") -> State[Any]:
    """Start the run of each fleet on whichever worker is free, wait for all, and report which is not backed up and why.

    Args:
        fleets: Names of the fleets.
        deployment: What to start of each fleet: `nightly`, `plans` or `hourly`.
    """
    if skipped := await skip_if_missed():
        return skipped
    try:
        ledger_url = environment.load().ledger_url()
    except SettingsError as error:
        return refused(error)
    key = this_run.run_key(None)
    with termination_ends_this():
        async with shown_alive(ledger_url, Holder(str(this_flow_run.id), key)):
            # Start: once for each fleet, however often this run is retried or continued.
            started = await start_fleets(fleets, deployment, key)

            # Follow: until each has ended, or cannot begin.
            endings = await follow_fleets(started)
            await server_is_back()
    verdict = decide(endings)
    for ending in endings:
        get_run_logger().info("%s: %s", ending.fleet, ending.verdict)
    publishing = publish_fleets(unvisited(endings), verdict.text, deployment)
    await guarded("the verdict was not published in the Prefect UI", publishing, get_run_logger(), LONGEST_SECONDS)
    return state_of_verdict(verdict)
