"""A progress bar in the Prefect UI while a run lasts: an artifact that is updated from time to time."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final
from uuid import UUID

from prefect import get_run_logger
from prefect.artifacts import acreate_progress_artifact, aupdate_progress_artifact

from fleet.report.waiting import Progress, percent_done

KEY: Final = "fleet-backup-progress"
SHORTEST_PAUSE: Final = 3.0
"""Seconds before the bar shows, and between two of its states; a run of seconds has none."""
LAST_SECONDS: Final = 5.0
"""Longest wait at the end for the Prefect server to show that the run is over."""
_SHARE: Final = 1 / 20
"""The pause before the next update, as a share of the time since the run began: some sixty updates an hour."""


@asynccontextmanager
async def shown_progress(progress: Callable[[], Progress]) -> AsyncIterator[None]:
    """Show how far the run is while the context lasts; a failure in here is a warning and changes no verdict.

    Args:
        progress: how far the run is now.
    """
    over = asyncio.Event()
    writing = asyncio.create_task(_write(progress, over))
    try:
        yield
        over.set()
        await asyncio.wait({writing}, timeout=LAST_SECONDS)
    finally:
        over.set()  # Prefect's client may swallow that it is cancelled.
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)


async def _write(progress: Callable[[], Progress], over: asyncio.Event) -> None:
    """Update the bar, the less often the longer the run takes; at its end, show that it is over."""
    began = time.monotonic()
    artifact: UUID | None = None
    shown: Progress | None = None
    try:
        while not over.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), max(SHORTEST_PAUSE, (time.monotonic() - began) * _SHARE))
            if not over.is_set() and (now := progress()) != shown:
                artifact, shown = await _shown(artifact, now), now
        if artifact is not None:
            await aupdate_progress_artifact(artifact, 100.0, "over; the report says how it ended")
    except Exception as error:  # noqa: BLE001 - whatever it is, the run goes on without it
        get_run_logger().warning("the progress is not shown: %s: %s", type(error).__name__, error)


async def _shown(artifact: UUID | None, progress: Progress) -> UUID:
    percent, words = percent_done(progress), f"{progress.phase}: {progress.done:,} of {progress.total:,}"
    if artifact is None:
        return await acreate_progress_artifact(percent, KEY, words)
    await aupdate_progress_artifact(artifact, percent, words)
    return artifact
