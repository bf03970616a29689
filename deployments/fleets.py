"""The deployments of a file that lists fleets: those of `prefect.yaml` for each fleet, and one that starts them all."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any, Final

from prefect.client.schemas.objects import ConcurrencyLimitConfig

from deployments.choices import NIGHTLY, Choices, chosen_declarations
from deployments.declaration import POOL, TAG, Declaration, DeclarationError, WorkPool
from deployments.schedule_entry import ScheduleEntry
from fleet.fleet_file.reading import lists_fleets
from fleet.fleets.fleets import Fleet, Fleets, Place, Times, tag_of
from fleet.fleets.reading import read_fleets

ALL_FLEETS: Final = "all-fleets"
_OPTIONS: Final = {field.name: f"--{field.name.replace('_', '-')}" for field in fields(Times)}
_OF_THE_NIGHT: Final = ("nightly_at", "nightly_every")
_DESCRIPTION: Final = """\
Backs up **all fleets**: starts the run of each through its own deployment, on whichever worker is free, waits for all,
and ends with one verdict: which fleet is not backed up, and why.
"""


def declarations_of(file: Path, choices: Choices) -> list[Declaration]:
    """Read the deployments, for one fleet file or for each fleet of a file that lists several, and apply the choices.

    Raises:
        DeclarationError: `prefect.yaml` or a choice cannot be used.
        FleetFileError: with every mistake of the file that lists the fleets.
    """
    if choices.fleet is None or not lists_fleets(choices.fleet):
        return chosen_declarations(file, choices)
    listed = read_fleets(choices.fleet)
    _check(listed, choices)
    declared = [one for fleet in listed.fleets for one in _of_fleet(fleet, listed, file, choices)]
    declared += [one for one in chosen_declarations(file, _shared(listed, choices)) if not one.is_of_a_fleet]
    declared.append(_all_fleets(listed, declared, choices))
    names = [one.name for one in declared]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise DeclarationError(f"{listed.source}: more than one deployment would be called {', '.join(twice)}")
    return declared


def _of_fleet(fleet: Fleet, listed: Fleets, file: Path, choices: Choices) -> Iterator[Declaration]:
    """The deployments of one fleet, named after it."""
    for one in chosen_declarations(file, _choices_of(fleet, choices)):
        if not one.is_of_a_fleet:
            continue
        if one.name == NIGHTLY and listed.together:
            one.schedules = []
        one.name = f"{one.name}-{fleet.name}"
        one.tags = [*one.tags, tag_of(fleet.name)]
        one.parameters |= {"fleet": fleet.name, **(_caps(fleet) if one.flow == "fleet_backup" else {})}
        yield one


def _choices_of(fleet: Fleet, choices: Choices) -> Choices:
    """The fleet's own, and the options where it leaves them open."""
    own = {"fleet": fleet.file, **_given(fleet.times), **_given(fleet.place)}
    return replace(choices, **own)


def _shared(listed: Fleets, choices: Choices) -> Choices:
    """Of the deployments that belong to no fleet: they have no times, and the place that `defaults` names."""
    place = Choices(credentials=choices.credentials, pool=choices.pool, queue=choices.queue)
    return replace(place, **_given(listed.shared))


def _given(part: Times | Place) -> dict[str, Any]:
    return {name: value for name, value in asdict(part).items() if value is not None}


def _caps(fleet: Fleet) -> dict[str, int]:
    caps = {"max_running_per_server": fleet.caps.per_server, "max_running_per_provider": fleet.caps.per_provider}
    return {name: cap for name, cap in caps.items() if cap is not None}


def _all_fleets(listed: Fleets, declared: Sequence[Declaration], choices: Choices) -> Declaration:
    """The deployment that starts the fleets' nightly runs; without a schedule unless the file has one."""
    fleets = [fleet.name for fleet in listed.fleets]
    if f"{NIGHTLY}-{fleets[0]}" not in [one.name for one in declared]:
        problem = f"has no deployment {NIGHTLY!r}, which {ALL_FLEETS!r} starts for each fleet"
        raise DeclarationError(f"{listed.source}: prefect.yaml {problem}")
    schedules = []
    if listed.together:
        zone = listed.zone or choices.zone or "UTC"
        together = listed.together
        schedules = [ScheduleEntry(slug=ALL_FLEETS, every=together.every, at=together.at, timezone=zone)]
    place = _shared(listed, choices)
    return Declaration(
        name=ALL_FLEETS,
        entrypoint="flows/all_fleets.py:all_fleets",
        description=_DESCRIPTION,
        tags=[TAG, "backups"],
        parameters={"fleets": fleets},
        schedules=schedules,
        concurrency_limit=ConcurrencyLimitConfig(limit=1),
        work_pool=WorkPool(name=place.pool or POOL, work_queue_name=place.queue),
    )


def _check(listed: Fleets, choices: Choices) -> None:
    """Refuse what deployments cannot use, and options that would change nothing.

    Raises:
        DeclarationError: with a line for each.
    """
    problems = [
        f"{listed.source}: fleet {fleet.name}: token_file is for `run`; a deployment needs `credentials`, a block"
        for fleet in listed.fleets
        if fleet.token_file
    ]
    for name, option in _OPTIONS.items():
        if getattr(choices, name) is None:
            continue
        if listed.together and name in _OF_THE_NIGHT:
            problems.append(f"{option}: `all_fleets` in {listed.source} sets when the nightly runs start")
        elif all(getattr(fleet.times, name) is not None for fleet in listed.fleets):
            problems.append(f"{option}: every fleet of {listed.source} has its own; change it there")
    if problems:
        raise DeclarationError("\n".join(problems))
