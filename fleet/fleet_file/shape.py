"""The shape of a fleet file's values: its mistakes, and the values that remain usable."""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from fleet.fleet_file.mistakes import Mistake, from_validation
from fleet.inventory.expectation import Expectation, MutedThing
from fleet.inventory.fleet_file_fields import BackupLayer, FleetFile, Rule, Server
from fleet.inventory.matching.criteria import ApplicationCriteria, ServerCriteria
from fleet.inventory.matching.database_criteria import DatabaseCriteria

_MODELS: Final[tuple[type[BaseModel], ...]] = (
    *(FleetFile, Server, Rule, BackupLayer, Expectation, MutedThing),
    *(ServerCriteria, ApplicationCriteria, DatabaseCriteria),
)
KNOWN_KEYS: Final = sorted({field.alias or name for model in _MODELS for name, field in model.model_fields.items()})
"""Every key that is allowed somewhere in a fleet file."""
_TOP_LEVEL: Final = tuple(FleetFile.model_fields)
REFUSED: Final = object()
"""Replaces a wrong value, so that it is reported once and not again by each backup that inherits it."""


def check_shape(values: Mapping[str, Any]) -> tuple[Mapping[str, Any], list[Mistake]]:
    """Check every key and value by itself, before anything is inherited.

    Args:
        values: the file's plain values.

    Returns:
        The values without unknown keys and with `REFUSED` in place of what is wrong, so that the rest can still be
        checked; and the mistakes.
    """
    try:
        FleetFile.model_validate(values)
    except ValidationError as error:
        mistakes = [_elsewhere(mistake) for mistake in from_validation(error, KNOWN_KEYS)]
        return _without(mistakes, values), mistakes
    return values, []


def as_read(mistake: Mistake) -> list[tuple[int, int, str]]:
    """The sort key of a mistake: top-level keys in the order of the contract, lists by position."""
    location = mistake.location
    top = _TOP_LEVEL.index(location[0]) if location and location[0] in _TOP_LEVEL else -1
    parts = [(part, 0, "") if isinstance(part, int) else (0, 1, str(part)) for part in location[1:]]
    return [(top, 0, ""), *parts]


def mapping(values: object) -> dict[str, Any]:
    """The value if it is a mapping, else an empty one."""
    return values if isinstance(values, dict) else {}


def mappings(values: object) -> Iterator[tuple[int, dict[str, Any]]]:
    """The mappings in a list, each with its position; nothing if it is not a list."""
    for position, entry in enumerate(values if isinstance(values, list) else ()):
        if isinstance(entry, dict):
            yield position, entry


def _elsewhere(mistake: Mistake) -> Mistake:
    """For a known key in the wrong place: where it belongs."""
    key = mistake.location[-1]
    if not mistake.problem.startswith("unknown key"):
        return mistake
    if key in BackupLayer.model_fields:
        return replace(mistake, problem="belongs in `defaults`, a group or a backup, not here")
    if key in FleetFile.model_fields.keys() - Server.model_fields.keys():
        return replace(mistake, problem="belongs at the top of the file, not here")
    return mistake


def _without(mistakes: list[Mistake], values: Mapping[str, Any]) -> dict[str, Any]:
    cleaned: dict[str, Any] = copy.deepcopy(dict(values))
    for mistake in mistakes:
        *path, last = mistake.location
        holder: Any = cleaned
        for part in path:
            holder = _entry(holder, part)
        if isinstance(holder, dict) and last not in KNOWN_KEYS and path != ["groups"]:
            holder.pop(last, None)
        elif isinstance(holder, dict | list):
            holder[last] = REFUSED  # type: ignore[index] # a position in a list, a key in a mapping: pydantic found it
    return cleaned


def _entry(holder: object, part: int | str) -> object:
    if isinstance(holder, list) and isinstance(part, int):
        return holder[part]
    return mapping(holder).get(str(part))
