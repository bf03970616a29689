"""Keeps `serve` alive while the Prefect server fails.

Prefect's runner polls in a loop that gives up after three errors and takes every run with it. Here its loops wait with
a bounded backoff, without end, and report what they wait for.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from types import ModuleType
from typing import Any, Final

import prefect.runner  # noqa: F401 - loads the modules of its loops
from prefect.exceptions import PrefectHTTPStatusError

from deployments.server.check import REFUSED, PrefectServerError, refusal

LONGEST_SECONDS: Final = 60.0
_PHRASES: Final = {status.value: status.phrase for status in HTTPStatus}
_LOOP: Final = "critical_service_loop"
_POLLS: Final = (
    "prefect.runner._scheduled_run_poller",
    "prefect._internal.observers",
    "prefect._internal._observation_delivery",
)
"""Where Prefect's runner has its loops: for due runs; for runs to cancel, up to Prefect 3.9.0 and from then on."""


class Patience:
    """The loops of one runner.

    Attributes:
        refused: why the server does not accept us any more, which no waiting mends; the loop has ended with it.
    """

    def __init__(
        self, server: str, say: Callable[[str], None], sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self.refused: PrefectServerError | None = None
        self._server = server
        self._say = say
        self._sleep = sleep
        self._failing: set[str] = set()

    async def loop(self, workload: Callable[[], Awaitable[object]], interval: float, **_: Any) -> None:  # noqa: ANN401
        """Call `workload` for ever; Prefect's own parameters about giving up do not apply.

        Raises:
            PrefectServerError: the server refuses access, as when its password was changed.
        """
        failures = 0
        while True:
            try:
                await workload()
            except Exception as error:  # noqa: BLE001 - whatever it is, the runs under way must not end with it
                failures += 1
                self._failed(str(workload), error)
            else:
                failures = 0
                self._worked(str(workload))
            await self._sleep(min(interval * 2 ** min(failures, 10), max(LONGEST_SECONDS, interval)))

    def _failed(self, workload: str, error: Exception) -> None:
        status = error.response.status_code if isinstance(error, PrefectHTTPStatusError) else None
        if status in REFUSED:
            self.refused = refusal(self._server)
            raise self.refused from error
        if not self._failing:
            reason = type(error).__name__ if status is None else f"{status} {_PHRASES.get(status, '')}".rstrip()
            self._say(f"The Prefect server at {self._server} fails ({reason}). Waiting for it; runs continue.")
        self._failing.add(workload)

    def _worked(self, workload: str) -> None:
        if self._failing and not self._failing - {workload}:
            self._say(f"The Prefect server at {self._server} responds again.")
        self._failing.discard(workload)


def polls() -> list[ModuleType]:
    """The modules of this Prefect in which its runner has loops."""
    modules = [sys.modules[name] for name in _POLLS if name in sys.modules]
    return [module for module in modules if _LOOP in vars(module)]


@contextmanager
def patient(patience: Patience) -> Iterator[None]:
    """Give the runners that start in this context the patient loop."""
    theirs = {module: vars(module)[_LOOP] for module in polls()}
    for module in theirs:
        setattr(module, _LOOP, patience.loop)
    try:
        yield
    finally:
        for module, loop in theirs.items():
            setattr(module, _LOOP, loop)
