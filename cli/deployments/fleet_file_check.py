"""Checks the fleet files before `serve` or `deploy` registers anything."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cli.errors import UsageProblem
from fleet.fleet_file.mistakes import FleetFileError
from fleet.fleet_file.reading import lists_fleets
from fleet.fleets.fleets import Fleets
from fleet.fleets.reading import read_fleets
from fleet.selection.loading import load_inventory
from fleet.selection.selection import SelectionError
from fleet.settings import settings as environment
from fleet.settings.settings import Settings


def fleet_problems(chosen: Mapping[str, Any], *, token: bool = True) -> list[str]:
    """Find mistakes now rather than at the first nightly run.

    Args:
        chosen: what the command line sets, by the names of `deployments.choices.Choices`.
        token: whether runs use this environment, which must then hold a token unless a block is named.

    Returns:
        A line for each mistake of a fleet beside which others can be backed up: it must not stop them.

    Raises:
        FleetFileError: with every mistake of the fleet file, or of the file that lists the fleets.
        SelectionError: the pattern of `--hourly` names no server.
        SettingsError: there is no usable token, or another setting is wrong.
        UsageProblem: no fleet of several can be backed up.
    """
    settings, file = environment.load(), chosen["fleet"]
    listed = read_fleets(file) if lists_fleets(file) else None
    places = [fleet.place for fleet in listed.fleets] if listed else []
    has_block = chosen.get("credentials") or (places and all(place.credentials for place in places))
    if token and not has_block:
        settings.account()
    if listed:
        return _problems_of(listed, chosen.get("hourly"), settings)
    _load(file, chosen.get("hourly"), settings)
    return []


def _problems_of(listed: Fleets, hourly: str | None, settings: Settings) -> list[str]:
    problems, broken = [], 0
    for fleet in listed.fleets:
        try:
            _load(fleet.file, fleet.times.hourly or hourly, settings)
        except (FleetFileError, SelectionError) as error:
            broken += 1
            problems += [f"{fleet.name}: {line}" for line in str(error).splitlines()]
    if broken == len(listed.fleets):
        raise UsageProblem("\n".join(problems))
    return problems


def _load(file: Path, hourly: str | None, settings: Settings) -> None:
    limit = [hourly] if hourly else []
    asyncio.run(load_inventory(file, limit, datetime.now(UTC), None, settings.ledger_url()))
