"""`fleet-backup schedules`: when the deployments run next."""

import asyncio
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console

from cli.terminal.tables import new_table
from deployments.choices import Choices, chosen_declarations
from deployments.declaration import Declaration, shipped_file
from deployments.schedule_entry import ScheduleEntry
from deployments.schedules import due


def show_schedules(file: Path | None, chosen: Mapping[str, Any], count: int) -> int:
    """Print the next runs on standard output, a row each, by deployment.

    Args:
        file: a prefect.yaml; None for the shipped one.
        chosen: what the command line sets, by the names of `deployments.choices.Choices`.
        count: how many runs of each schedule.

    Raises:
        DeclarationError: prefect.yaml or a choice cannot be used.
    """
    now = datetime.now(UTC)
    table = new_table("deployment", "schedule", "local time", "UTC")
    for one in chosen_declarations(file or shipped_file(), Choices(**chosen)):
        for row in _rows(one, count, now):
            table.add_row(*row)
        table.add_section()
    Console(highlight=False).print(table)
    return 0


def _rows(one: Declaration, count: int, now: datetime) -> Iterator[tuple[str, str, str, str]]:
    if not one.schedules:
        yield one.name, "manual", "", ""
    for entry in one.schedules:
        zone = ZoneInfo(entry.timezone)
        moments = _next(entry, count, now)
        local = "\n".join(f"{moment.astimezone(zone):%a %Y-%m-%d %H:%M %Z}" for moment in moments)
        utc = "\n".join(f"{moment:%H:%M}" for moment in moments)
        off = " (off)" if entry.active is False else ""
        yield one.name, f"{entry.in_words()}{off}\n{entry.timezone}", local, utc


def _next(entry: ScheduleEntry, count: int, now: datetime) -> list[datetime]:
    moments = asyncio.run(due(entry.value(), count + 1, now))
    return [moment.astimezone(UTC) for moment in moments if moment >= now][:count]
