"""`fleet-backup schedules`: when the deployments run next."""

import asyncio
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from rich.console import Console

from cli.terminal.tables import new_table
from deployments.choices import Choices
from deployments.declaration import Declaration, shipped_file
from deployments.fleets import declarations_of
from deployments.schedule_entry import ScheduleEntry
from deployments.schedules import due
from fleet.schedules.upcoming import Upcoming, UpcomingRuns


def show_schedules(file: Path | None, chosen: Mapping[str, Any], count: int, *, as_json: bool) -> int:
    """Print the next runs on standard output, by deployment, as a table or as JSON.

    Args:
        file: a prefect.yaml; None for the shipped one.
        chosen: what the command line sets, by the names of `deployments.choices.Choices`.
        count: how many runs of each schedule.
        as_json: print the JSON report.

    Raises:
        DeclarationError: prefect.yaml or a choice cannot be used.
        FleetFileError: with every mistake of a file that lists fleets.
    """
    now = datetime.now(UTC)
    declarations = declarations_of(file or shipped_file(), Choices(**chosen))
    upcoming = [list(_upcoming(one, count, now)) for one in declarations]
    if as_json:
        report = Upcoming(schedules=[each for deployment in upcoming for each in deployment])
        click.echo(report.model_dump_json(indent=2))
        return 0
    table = new_table("deployment", "schedule", "local time", "UTC")
    for deployment in upcoming:
        for each in deployment:
            table.add_row(*_row(each))
        table.add_section()
    Console(highlight=False).print(table)
    return 0


def _upcoming(one: Declaration, count: int, now: datetime) -> Iterator[UpcomingRuns]:
    if not one.schedules:
        yield UpcomingRuns(deployment=one.name, schedule=None, timezone=None, active=False, next_runs=[])
    for entry in one.schedules:
        zone = ZoneInfo(entry.timezone)
        yield UpcomingRuns(
            deployment=one.name,
            schedule=entry.in_words(),
            timezone=entry.timezone,
            active=entry.active is not False,
            next_runs=[moment.astimezone(zone) for moment in _next(entry, count, now)],
        )


def _row(each: UpcomingRuns) -> tuple[str, str, str, str]:
    if each.schedule is None:
        return each.deployment, "manual", "", ""
    local = "\n".join(f"{moment:%a %Y-%m-%d %H:%M %Z}" for moment in each.next_runs)
    utc = "\n".join(f"{moment.astimezone(UTC):%H:%M}" for moment in each.next_runs)
    off = "" if each.active else " (off)"
    return each.deployment, f"{each.schedule}{off}\n{each.timezone}", local, utc


def _next(entry: ScheduleEntry, count: int, now: datetime) -> list[datetime]:
    moments = asyncio.run(due(entry.value(), count + 1, now))
    return [moment.astimezone(UTC) for moment in moments if moment >= now][:count]
