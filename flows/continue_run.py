"""The flow `continue_run`: what becomes of a run that has fallen silent. A trigger of its deployment starts it."""

import asyncio
from typing import Any, Final
from uuid import UUID

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run as this_flow_run
from prefect.states import Completed

from fleet.schedules.dead_runs import Fate
from fleet.settings import settings as environment
from tasks.continue_run import continue_run as settle
from tasks.run import this_run
from tasks.run.mistakes import MISTAKES, refused
from tasks.telling.clean_log import clean_log

LOOKS: Final = 40
PAUSE_SECONDS: Final = 15.0
"""A run that is alive is looked at for ten minutes; once it is heard again, its next silence starts this flow again."""


_NAMES: Final = {Fate.CONTINUE: "Continued", Fate.WAIT: "Alive"}
"""Names of its final state where a person should see the difference at a glance."""

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
        fate, why = await settle(flow_run, ledger_url)
        for _ in range(LOOKS):
            if fate is not Fate.WAIT:
                break
            await asyncio.sleep(PAUSE_SECONDS)
            fate, why = await settle(flow_run, ledger_url)
    except MISTAKES as error:
        return refused(error)
    return Completed(name=_NAMES.get(fate, "Completed"), message=why)
