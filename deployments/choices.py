"""A user's choices about the deployments, made without editing a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from deployments.declaration import Declaration, DeclarationError, read_declarations
from deployments.schedule_entry import ScheduleEntry
from fleet.schedules.schedules import ScheduleError, check_zone
from fleet.settings.settings import mistakes

NIGHTLY: Final = "nightly"
HOURLY: Final = "hourly"
AUDIT: Final = "audit"
PLANS: Final = "plans"


@dataclass(frozen=True, slots=True)
class Choices:
    """The choices; None keeps what the file declares.

    Attributes:
        fleet: the fleet file.
        zone: the time zone of every schedule.
        nightly_at: the time of day of `nightly`.
        nightly_every: its schedule, one of the API's names.
        plans_at: the time of day of `plans`.
        audit_at: the time of day of `audit`.
        hourly: the pattern of the servers of `hourly`; turns its schedule on.
        credentials: the name of a block.
        pool: the work pool.
        queue: the work queue.
    """

    fleet: Path | None = None
    zone: str | None = None
    nightly_at: str | None = None
    nightly_every: str | None = None
    plans_at: str | None = None
    audit_at: str | None = None
    hourly: str | None = None
    credentials: str | None = None
    pool: str | None = None
    queue: str | None = None


def chosen_declarations(file: Path, choices: Choices) -> list[Declaration]:
    """Read the deployments and apply the user's choices.

    Raises:
        DeclarationError: the file cannot be used, or lacks a deployment that a choice is about.
    """
    declared = read_declarations(file)
    _choose(declared, choices, file)
    return declared


def _choose(declared: Sequence[Declaration], choices: Choices, file: Path) -> None:
    by_name = {one.name: one for one in declared}
    needed = (
        (NIGHTLY, choices.nightly_at or choices.nightly_every),
        (HOURLY, choices.hourly),
        (AUDIT, choices.audit_at),
        (PLANS, choices.plans_at),
    )
    for name, chosen in needed:
        if chosen and name not in by_name:
            raise DeclarationError(f"{file}: has no deployment {name!r}, which the --{name} options need")
    for one in declared:
        _choose_for_all(one, choices)
    if choices.nightly_at or choices.nightly_every:
        chosen_time = choices.nightly_at, choices.nightly_every
        by_name[NIGHTLY].schedules = [_daily(NIGHTLY, by_name[NIGHTLY].schedules, *chosen_time)]
    for name, at in ((AUDIT, choices.audit_at), (PLANS, choices.plans_at)):
        if at:
            by_name[name].schedules = [_daily(name, by_name[name].schedules, at, None)]
    if choices.hourly:
        by_name[HOURLY].parameters["limit"] = [choices.hourly]
        for entry in by_name[HOURLY].schedules:
            entry.active = True


def _choose_for_all(one: Declaration, choices: Choices) -> None:
    if choices.fleet is not None and one.is_of_a_fleet:
        one.parameters["fleet_file"] = str(choices.fleet.resolve())
    if choices.credentials and one.calls_the_api:
        one.parameters["credentials"] = choices.credentials
    one.work_pool.name = choices.pool or one.work_pool.name
    one.work_pool.work_queue_name = choices.queue or one.work_pool.work_queue_name
    if choices.zone:
        _check(choices.zone)
        for entry in one.schedules:
            entry.timezone = choices.zone


def _check(zone: str) -> None:
    try:
        check_zone(zone)
    except ScheduleError as error:
        raise DeclarationError(f"--zone: {error}") from None


def _daily(
    slug: str, entries: Sequence[ScheduleEntry], chosen_at: str | None, chosen_every: str | None
) -> ScheduleEntry:
    """A deployment's schedule with another time or frequency; what was not chosen stays."""
    now = entries[0] if entries else ScheduleEntry(every="Every Day", at="01:30")
    at, every = chosen_at or _time_of(now), chosen_every or now.every or "Every Day"
    try:
        return ScheduleEntry.model_validate(
            {"slug": slug, "every": every, "at": at, "timezone": now.timezone, "from": now.first}
        )
    except ValidationError as error:
        problems = "\n".join(mistakes(error)).replace("every: Input should be", "every: must be one of:")
        raise DeclarationError(f"{slug}: {problems}") from None


def _time_of(entry: ScheduleEntry) -> str:
    """The time of day of a schedule: `at`, or the minute and hour of a cron expression."""
    minute, hour, *_ = (entry.cron or "* *").split()
    return f"{int(hour):02}:{int(minute):02}" if minute.isdigit() and hour.isdigit() else entry.at
