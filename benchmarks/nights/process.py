"""The nights of `benchmarks.nights`, one run after the other in one process: prints a line of JSON for each."""

import asyncio
import json
import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from prefect.client.schemas.objects import State

from deployments.server.recorded import drain
from fleet.ledger.database.metadata import metadata
from fleet.report.progress import Silence, listening
from fleet.report.report import Report
from fleet.settings.settings import load
from flows import back_up
from flows.fleet_backup import fleet_backup

FIRST_NIGHT = datetime(2026, 11, 2, 1, 30, tzinfo=UTC)


class Reader(Silence):
    """Keeps the report of a run."""

    def __init__(self) -> None:
        self.report: Report | None = None

    def finished(self, report: Report) -> None:
        """The run has ended."""
        self.report = report


def ledger() -> dict[str, int]:
    """How many rows the ledger has, and their bytes."""
    engine = sa.create_engine(load().ledger_url())
    with engine.connect() as connection:
        tables = [sa.select(sa.func.count()).select_from(table) for table in metadata.tables.values()]
        rows = sum(connection.execute(count).scalar_one() for count in tables)
        pages, page_bytes = (connection.scalar(sa.text(f"PRAGMA {what}")) for what in ("page_count", "page_size"))
    engine.dispose()
    return {"rows": rows, "bytes": pages * page_bytes}


def main(fleet: Path, nights: int) -> None:
    """Back the fleet up night after night; only the calendar is moved, nothing waits for it."""
    for number in range(nights):
        night = FIRST_NIGHT + timedelta(days=number)
        back_up.wall_clock = partial(night.astimezone, UTC)
        reader = Reader()

        async def run(key: str = f"night {number + 1}") -> None:
            _: State[Any] = await fleet_backup(fleet, run_key=key, return_state=True)

        with listening(reader):
            asyncio.run(run())
        assert reader.report is not None  # noqa: S101 - for the type: a run that ends reports
        report = reader.report.model_dump(mode="json", exclude={"targets"})
        print(json.dumps({"report": report, "ledger": ledger()}), flush=True)
    drain()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
