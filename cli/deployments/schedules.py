"""`fleet-backup schedules`: when the deployments run next."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
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
        print_table(Console(highlight=False), _table(report.schedules))


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


def _table(schedules: Sequence[UpcomingRuns]) -> Table:
    table = new_table("deployment", "schedule", "local time", "UTC", whole={"local time", "UTC"})
    before = ""
    for each in schedules:
        if before not in ("", each.deployment):
            table.add_section()
        table.add_row(*_row(each))
        before = each.deployment
    return table


def _row(each: UpcomingRuns) -> tuple[str, str, str, str]:
    if each.schedule is None:
        return each.deployment, f"when triggered: {each.trigger}" if each.trigger else "manual", "", ""
    local = "\n".join(f"{moment:%a %Y-%m-%d %H:%M %Z}" for moment in each.next_runs)
    utc = "\n".join(f"{moment.astimezone(UTC):%H:%M}" for moment in each.next_runs)
    off = "" if each.active else " (off)"
    triggered = f"\nand when triggered: {each.trigger}" if each.trigger else ""
    return each.deployment, f"{each.schedule}{off}\n{each.timezone}{triggered}", local, utc


def _csv_rows(report: Upcoming) -> Iterator[dict[str, Any]]:
    for each in report.schedules:
        row = each.model_dump(mode="json")
        for moment in row["next_runs"] or [None]:
            yield {**row, "next_run": moment}


def _next(entry: ScheduleEntry, count: int, now: datetime) -> list[datetime]:
    moments = asyncio.run(due(entry.value(), count + 1, now))
    return [moment.astimezone(UTC) for moment in moments if moment >= now][:count]
