"""`fleet-backup schedules`: when the deployments run next."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from cli.errors import UsageProblem
from cli.output_format import Format
from cli.terminal.printing import print_csv, print_report
from cli.terminal.tables import new_table, print_table
from deployments.choices import Choices
from deployments.declaration import Declaration, shipped_file
from deployments.fleets import declarations_of
from deployments.registration.served import served_runs
from deployments.schedule_entry import ScheduleEntry
from deployments.schedules import due
from deployments.server.check import check_server
from fleet.schedules.upcoming import Upcoming, UpcomingRuns

_Row = tuple[str, str, str, str]
_COLUMNS: Final = [name for name in UpcomingRuns.model_fields if name != "next_runs"]


def show_schedules(file: Path | None, chosen: Mapping[str, Any], count: int, form: Format) -> int:
    """Print the next runs on standard output, by deployment.

    Args:
        file: a prefect.yaml; None for the shipped one.
        chosen: what the command line sets, by the names of `deployments.choices.Choices`.
        count: how many runs of each schedule.
        form: as a table, as JSON, or as CSV with a row for each run.

    Raises:
        DeclarationError: prefect.yaml or a choice cannot be used.
        FleetFileError: with every mistake of a file that lists fleets.
    """
    now = datetime.now(UTC)
    declarations = declarations_of(file or shipped_file(), Choices(**chosen))
    _print(Upcoming(schedules=[each for one in declarations for each in _upcoming(one, count, now)]), form)
    return 0


def show_served(count: int, form: Format) -> int:
    """Print the next runs of what is on the Prefect server, the same way.

    Raises:
        UsageProblem: there is no Prefect server.
        PrefectServerError: it cannot be used.
    """
    from prefect.settings import get_current_settings

    if not get_current_settings().api.url:
        raise UsageProblem("--served needs a Prefect server: set PREFECT_API_URL=http://127.0.0.1:4200/api")
    _print(asyncio.run(_served(count)), form)
    return 0


async def _served(count: int) -> Upcoming:
    await check_server()
    return Upcoming(schedules=await served_runs(count, datetime.now(UTC)))


def _print(report: Upcoming, form: Format) -> None:
    if form is Format.CSV:
        print_csv([*_COLUMNS, "next_run"], _csv_rows(report))
    elif form is Format.JSON:
        print_report(report, form, "schedules")
    else:
        console = Console(highlight=False)
        rows = _rows if console.is_terminal else _lines
        print_table(console, _table(row for each in report.schedules for row in rows(each)))


def _upcoming(one: Declaration, count: int, now: datetime) -> Iterator[UpcomingRuns]:
    trigger = "; ".join(each.description or each.name or "an event" for each in one.triggers)
    if not one.schedules:
        yield UpcomingRuns.without_schedule(one.name, trigger)
    for entry in one.schedules:
        zone = ZoneInfo(entry.timezone)
        yield UpcomingRuns(
            deployment=one.name,
            trigger=trigger,
            schedule=entry.in_words(),
            timezone=entry.timezone,
            active=entry.active is not False,
            next_runs=[moment.astimezone(zone) for moment in _next(entry, count, now)],
        )


def _table(rows: Iterable[_Row]) -> Table:
    table = new_table("deployment", "schedule", "local time", "UTC", whole={"local time", "UTC"})
    for row in rows:
        table.add_row(*row)
    return table


def _rows(each: UpcomingRuns) -> Iterator[_Row]:
    """A schedule in one row, with its zone and its runs below each other."""
    times = [_times(moment) for moment in each.next_runs]
    local, utc = ("\n".join(time[place] for time in times) for place in (0, 1))
    yield each.deployment, "\n".join(_words(each)), local, utc


def _lines(each: UpcomingRuns) -> Iterator[_Row]:
    """A row for each run."""
    for local, utc in map(_times, each.next_runs) if each.next_runs else [("", "")]:
        yield each.deployment, ", ".join(_words(each)), local, utc


def _words(each: UpcomingRuns) -> list[str]:
    """When the runs start: the schedule, its zone, and what triggers them."""
    words = [f"{each.schedule}{'' if each.active else ' (off)'}", str(each.timezone)] if each.schedule else []
    if each.trigger:
        words.append(f"when triggered: {each.trigger.partition('. ')[0]}")
    return words or ["manual"]


def _times(moment: datetime) -> tuple[str, str]:
    return f"{moment:%a %Y-%m-%d %H:%M %Z}", f"{moment.astimezone(UTC):%H:%M}"


def _csv_rows(report: Upcoming) -> Iterator[dict[str, Any]]:
    for each in report.schedules:
        row = each.model_dump(mode="json")
        for moment in row["next_runs"] or [None]:
            yield {**row, "next_run": moment}


def _next(entry: ScheduleEntry, count: int, now: datetime) -> list[datetime]:
    moments = asyncio.run(due(entry.value(), count + 1, now))
    return [moment.astimezone(UTC) for moment in moments if moment >= now][:count]
