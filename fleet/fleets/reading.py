"""From a file that lists fleets to the fleets: inheritance, and every mistake of the file at once.

The fleet files are not read here: one that is broken must not stop the other fleets.
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from fleet.fleet_file.home import HomeError, at_home
from fleet.fleet_file.mistakes import FleetFileError, Location, Mistake, from_validation, place
from fleet.fleet_file.reading import read_values, source_of
from fleet.fleet_file.shape import mapping, mappings
from fleet.fleets.fields import FleetLayer, FleetsFile, ListedFleet, Together
from fleet.fleets.fleets import Fleet, Fleets, Place, Times
from fleet.inventory.caps import Caps
from fleet.inventory.fleet_file_fields import FleetFile

_KEYS: Final = sorted({*FleetsFile.model_fields, *ListedFleet.model_fields, *Together.model_fields})
_OF_A_FLEET_FILE: Final = FleetFile.model_fields.keys() - {*_KEYS}
_ACCOUNT: Final = ("credentials", "token_file")
_OWN_NIGHT: Final = ("nightly_at", "nightly_every")
Part = TypeVar("Part", Times, Place)


def read_fleets(path: Path) -> Fleets:
    """Read a file that lists fleets.

    Raises:
        FleetFileError: with every mistake of the file.
    """
    return resolve(read_values(path), path)


def resolve(values: Mapping[str, Any], path: Path) -> Fleets:
    """Validate the values of the file at this path and resolve what each fleet inherits.

    Raises:
        FleetFileError: with every mistake of the file.
    """
    source, listed = source_of(path), None
    try:
        listed = FleetsFile.model_validate(values)
        mistakes = []
    except ValidationError as error:
        mistakes = [_elsewhere(mistake) for mistake in from_validation(error, _KEYS)]
    mistakes += [*_accounts(values), *_twice(values, path.parent), *_nights(values)]
    if mistakes or listed is None:
        raise FleetFileError(source, sorted(mistakes, key=_as_read))
    return _fleets(listed, source, path.parent)


def _fleets(listed: FleetsFile, source: str, folder: Path) -> Fleets:
    defaults = listed.defaults or FleetLayer()
    together = listed.all_fleets
    return Fleets(
        source,
        tuple(_fleet(each, defaults, folder) for each in listed.fleets),
        _part(Place, defaults.model_dump()),
        together,
        (together.zone if together else None) or defaults.zone,
    )


def _fleet(one: ListedFleet, defaults: FleetLayer, folder: Path) -> Fleet:
    """Merge a fleet with what it inherits; an account of its own replaces the inherited one, of whatever kind."""
    own, inherited = one.model_dump(exclude_none=True), defaults.model_dump(exclude_none=True)
    if any(key in own for key in _ACCOUNT):
        inherited = {key: value for key, value in inherited.items() if key not in _ACCOUNT}
    merged = inherited | own
    token_file = merged.get("token_file")
    return Fleet(
        name=one.name,
        file=_path(folder, one.file),
        token_file=_path(folder, token_file) if token_file else None,
        times=_part(Times, merged),
        place=_part(Place, merged),
        caps=Caps(merged.get("max_running_per_server"), merged.get("max_running_per_provider")),
    )


def _part(kind: type[Part], merged: Mapping[str, Any]) -> Part:
    return kind(**{field.name: merged.get(field.name) for field in fields(kind)})


def _path(folder: Path, written: str) -> Path:
    """A path of the file, from the file's folder; one whose home is not there is reported by whoever reads it."""
    try:
        return (folder / at_home(Path(written))).resolve()
    except HomeError:
        return folder / written


def _accounts(values: Mapping[str, Any]) -> Iterator[Mistake]:
    """A layer names one account."""
    layers = [(("fleets", index), fleet) for index, fleet in mappings(values.get("fleets"))]
    for here, layer in [(("defaults",), mapping(values.get("defaults"))), *layers]:
        if all(layer.get(key) is not None for key in _ACCOUNT):
            yield Mistake((*here, "token_file"), "is not needed beside `credentials`; leave one of them out")


def _twice(values: Mapping[str, Any], folder: Path) -> Iterator[Mistake]:
    """Two fleets of one name would take each other's place; two of one file would back it up twice."""
    seen: dict[tuple[str, object], Location] = {}
    for index, fleet in mappings(values.get("fleets")):
        name, file = fleet.get("name"), fleet.get("file")
        keys = [("name", name), ("file", _path(folder, file) if isinstance(file, str) else None)]
        for key, value in keys:
            if not isinstance(value, str | Path):
                continue
            first = seen.setdefault((key, value), ("fleets", index))
            if first != ("fleets", index):
                yield Mistake(("fleets", index, key), f"is that of {place(first)}, too", fleet[key])


def _nights(values: Mapping[str, Any]) -> Iterator[Mistake]:
    """A time that nothing runs at is a mistake."""
    if not mapping(values.get("all_fleets")):
        return
    layers = [(("fleets", index), fleet) for index, fleet in mappings(values.get("fleets"))]
    for here, layer in [(("defaults",), mapping(values.get("defaults"))), *layers]:
        for key in _OWN_NIGHT:
            if layer.get(key) is not None:
                problem = "is not used: `all_fleets` starts the nightly runs; leave one of them out"
                yield Mistake((*here, key), problem, layer[key])


def _elsewhere(mistake: Mistake) -> Mistake:
    """For a key of a fleet file: where it belongs."""
    if mistake.problem.startswith("unknown key") and mistake.location[-1] in _OF_A_FLEET_FILE:
        return Mistake(mistake.location, "belongs in a fleet file, which a fleet names in `file`; not here")
    return mistake


def _as_read(mistake: Mistake) -> list[tuple[int, int, str]]:
    """The sort key of a mistake: `defaults` first, fleets by position."""
    top = list(FleetsFile.model_fields)
    first = mistake.location[0] if mistake.location else ""
    parts = [(part, 0, "") if isinstance(part, int) else (0, 1, str(part)) for part in mistake.location[1:]]
    return [(top.index(str(first)) if first in top else -1, 0, ""), *parts]
