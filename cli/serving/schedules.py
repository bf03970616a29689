"""`fleet-backup schedules`: when the deployments run next."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from deployments.choices import Choices, chosen_declarations
from deployments.declaration import shipped_file
from deployments.schedule_entry import ScheduleEntry
from deployments.schedules import due


def show_schedules(file: Path | None, chosen: Mapping[str, Any], count: int) -> int:
    """Print a row a run, by deployment.

    Raises:
        DeclarationError: prefect.yaml or a choice cannot be used.
    """
    now = datetime.now(UTC)
    table = Table(box=None, pad_edge=False)
    for heading in ("deployment", "schedule", "zone", "local time", "UTC"):
        table.add_column(heading, no_wrap=True)
    for one in chosen_declarations(file or shipped_file(), Choices(**chosen)):
        if not one.schedules:
            table.add_row(one.name, "by hand", "", "", "")
        for entry in one.schedules:
            for number, (local, utc) in enumerate(_times(entry, count, now)):
                words = f"{entry.in_words()}{' (off)' if entry.active is False else ''}"
                table.add_row(*((one.name, words, entry.timezone) if number == 0 else ("", "", "")), local, utc)
        table.add_section()
    Console(width=120, highlight=False).print(table)
    return 0


def _times(entry: ScheduleEntry, count: int, now: datetime) -> list[tuple[str, str]]:
    zone = ZoneInfo(entry.timezone)
    moments = [moment.astimezone(UTC) for moment in asyncio.run(due(entry.value(), count + 1, now))]
    return [
        (f"{moment.astimezone(zone):%a %Y-%m-%d %H:%M %Z}", f"{moment:%Y-%m-%d %H:%M}")
        for moment in moments
        if moment >= now
    ][:count]
