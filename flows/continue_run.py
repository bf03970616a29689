"""The flow `continue_run`: what becomes of a run that has fallen silent. A trigger of its deployment starts it."""

import asyncio
import time
from typing import Any, Final
from uuid import UUID

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.exceptions import ObjectNotFound
from prefect.runtime import flow_run as this_flow_run
from prefect.states import Completed

from fleet.schedules.dead_runs import Fate
from fleet.schedules.silence import Silence
from fleet.settings import settings as environment
from fleet.settings.settings import SettingsError
from tasks.phases.continue_run import followed, settle
from tasks.run import this_run
from tasks.run.mistakes import refused
from tasks.telling.clean_log import clean_log

PAUSE_SECONDS: Final = 15.0
LONG_PAUSE_SECONDS: Final = 60.0
"""Between two looks once a run has been watched for `SOON_SECONDS`."""
SOON_SECONDS: Final = 600.0
LONGEST_SECONDS: Final = 24 * 3600.0

clean_log()  # Before Prefect's first line about a run.


def _flow_run_name() -> str:
    return this_run.name(f"continue {this_flow_run.parameters['flow_run']}")


@flow(name="continue_run", flow_run_name=_flow_run_name, persist_result=False)
async def continue_run(flow_run: UUID) -> State[Any]:
    """Find out whether a silent run is alive; if its process is dead, start a run that continues it.

    Args:
        flow_run: The ID of the flow run.
    """
    try:
        ledger_url = environment.load().ledger_url()
    except SettingsError as error:
        return refused(error)
    try:
        fate, why = await _watched(await followed(flow_run), ledger_url)
    except ObjectNotFound:
        fate, why = Fate.LEAVE, "there is no such run"
    return Completed(name="Continued" if fate is Fate.CONTINUE else "Completed", message=why)


async def _watched(flow_run: UUID, ledger_url: str) -> tuple[Fate, str]:
    """Watch a run until it is settled or heard again: then its next silence starts this flow again."""
    silence, began = Silence(), time.monotonic()
    while True:
        try:
            fate, why = await settle(flow_run, ledger_url, silence)
        except ObjectNotFound:
            raise
        except Exception as error:  # noqa: BLE001 - a ledger or a server that is away comes back; nobody else asks
            fate, why = Fate.WAIT, f"{type(error).__name__}: {error}"
            get_run_logger().warning("not known yet what became of the run: %s", why)
        watched = time.monotonic() - began
        if fate is not Fate.WAIT or watched > LONGEST_SECONDS:
            return fate, why
        if silence.is_broken:
            return Fate.LEAVE, "it is heard again"
        await asyncio.sleep(PAUSE_SECONDS if watched < SOON_SECONDS else LONG_PAUSE_SECONDS)
