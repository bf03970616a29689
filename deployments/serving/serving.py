"""Serves the deployments: one process that waits for runs and executes each in a child process."""

import asyncio
import os
import signal
from collections.abc import Callable, Sequence

from prefect.client.orchestration import get_client
from prefect.runner import Runner
from prefect.settings import get_current_settings

from deployments.declaration import Declaration
from deployments.registration.registration import ENVIRONMENT, Prepared, prepare
from deployments.server.user_folders import temporary_files_in
from deployments.serving.healing import LeftRuns
from deployments.serving.patience import Patience, patient
from deployments.serving.troubles import reported

_NAME = "fleet-backup serve"
_PAUSE = 0.05


async def serve(
    declared: Sequence[Declaration],
    patience: Patience,
    ledger_url: str,
    ready: Callable[[Prepared], None],
    say: Callable[[str], None],
) -> None:
    """Register the deployments and execute their runs until SIGINT or SIGTERM.

    Schedules stay on when it ends: a run that comes due meanwhile is made up once, when it serves again.

    Args:
        declared: the deployments.
        patience: waits for the Prefect server.
        ledger_url: of the ledger, which shows what became of runs that an earlier `serve` left.
        ready: called once runs can be started.
        say: prints a line for people.

    Raises:
        PrefectServerError: the Prefect server refuses access.
        RegistrationError: a deployment cannot be registered.
    """
    os.environ.update(ENVIRONMENT)  # Of the child processes.
    prepared = await prepare(declared, on_pool=False)
    with temporary_files_in(get_current_settings().home):
        runner = Runner(name=_NAME, pause_on_shutdown=False)
    async with get_client() as client:
        served = [await runner.aadd_deployment(one.deployment) for one in prepared.deployments]
        for one in prepared.deployments:
            await one.bring_schedules(client)
    left = LeftRuns(served, ledger_url, say)
    await left.settle()  # Their slots are free before the first run starts.
    with patient(patience):
        settling = asyncio.create_task(left.settle_all())
        running = asyncio.create_task(runner.start())
        while not (runner.started or running.done()):  # noqa: ASYNC110 - Prefect's runner has no event for it
            await asyncio.sleep(_PAUSE)
        stop = _stopped()  # After the start, when Prefect sets its own handlers.
        ready(prepared)
        with reported(say):
            await asyncio.wait({running, stop}, return_when=asyncio.FIRST_COMPLETED)
        if not running.done():
            await runner.astop()
        stop.cancel()
        settling.cancel()
        try:
            await running
        except BaseExceptionGroup:
            if patience.refused is None:
                raise
            raise patience.refused from None


def _stopped() -> asyncio.Future[None]:
    """A future that ends with the first SIGINT or SIGTERM."""
    loop = asyncio.get_running_loop()
    stop = loop.create_future()

    def end() -> None:
        if not stop.done():
            stop.set_result(None)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end)
    return stop
