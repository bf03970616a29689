"""One measurement of `benchmarks.engine`, in a separate process: prints JSON."""

import asyncio
import json
import resource
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fleet.report.outcome import Result
from fleet.report.progress import Silence, listening
from fleet.selection.loading import load_inventory

if TYPE_CHECKING:
    from prefect.client.schemas.objects import State


class Stopwatch(Silence):
    """Times the creates of a run, from the claim to the last response. Reading its clocks costs the run time."""

    def __init__(self) -> None:
        self.began = self.ended = (0.0, 0.0)
        self._left = 0

    def phase(self, name: str, total: int) -> None:
        """Start with the creates."""
        self._left = total
        if name == "create":
            self.began = now()

    def advance(self, result: Result | None = None) -> None:  # noqa: ARG002 - overrides
        """Stop after the last create."""
        self._left -= 1
        if self._left == 0:
            self.ended = now()


def now() -> tuple[float, float]:
    """Seconds, and seconds of processor time of this process."""
    return time.perf_counter(), time.process_time()


def empty(count: int) -> Stopwatch:
    """That many tasks that do nothing, awaited in one flow with Prefect's own settings."""
    from prefect import flow, task  # noqa: PLC0415 - `load` is measured without Prefect

    watch = Stopwatch()

    @task
    async def nothing() -> None:
        pass

    @flow
    async def nothings() -> None:
        watch.began = now()
        await asyncio.gather(*(nothing() for _ in range(count)))
        watch.ended = now()

    asyncio.run(nothings())
    return watch


def project(fleet: Path, count: int, concurrency: int, *, verify: bool) -> Stopwatch:
    """The product's flow; raises unless every target was created, or verified."""
    from flows.fleet_backup import fleet_backup  # noqa: PLC0415 - `load` is measured without Prefect

    watch = Stopwatch()

    async def run() -> None:
        state: State[Any] = await fleet_backup(fleet, verify=verify, concurrency=concurrency, return_state=True)
        if state.message != f"{count} {'verified' if verify else 'created'}":
            raise RuntimeError(f"not every target succeeded: {state.message}")

    with listening(watch):
        asyncio.run(run())
    return watch


def load(fleet: Path) -> Stopwatch:
    """Read and validate the fleet file."""
    watch = Stopwatch()
    watch.began = now()
    asyncio.run(load_inventory(fleet, [], datetime.now(UTC), None, ""))
    watch.ended = now()
    return watch


def main(kind: str, count: int, fleet: Path, concurrency: int) -> None:
    """Measure and print."""
    kinds = {
        "empty": lambda: empty(count),
        "load": lambda: load(fleet),
        "project": lambda: project(fleet, count, concurrency, verify=False),
        "proven": lambda: project(fleet, count, concurrency, verify=True),
    }
    watch = kinds[kind]()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds, processor = (end - start for end, start in zip(watch.ended, watch.began, strict=True))
    print(json.dumps({"seconds": round(seconds, 2), "processor_seconds": round(processor, 2), "peak_kb": peak}))
    if kind != "load":
        from deployments.server.recorded import drain  # noqa: PLC0415 - `load` is measured without Prefect

        drain()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))
