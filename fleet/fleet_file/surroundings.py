"""What a server or a rule takes from the rest of the fleet file: its organization, its groups, the defaults."""

from collections.abc import Iterator, Mapping
from typing import Any

from fleet.fleet_file.inheritance import Layers
from fleet.fleet_file.mistakes import Location, Mistake, place
from fleet.fleet_file.shape import mapping


class Surroundings:
    """The top level of a fleet file, as each of its servers and rules uses it."""

    def __init__(self, values: Mapping[str, Any], mistakes: list[Mistake]) -> None:
        """Prepare.

        Args:
            values: of the file; their shape was checked.
            mistakes: receives each mistake that is found.
        """
        self._mistakes = mistakes
        self._organization = values.get("organization")
        self._defaults = values.get("defaults")
        self._groups = mapping(values.get("groups"))

    def organization_of(self, entry: Mapping[str, Any], here: Location) -> object:
        """The organization of a server or a rule; that none is given is reported once."""
        organization = entry.get("organization") or self._organization
        if organization is None and not any(mistake.location == ("organization",) for mistake in self._mistakes):
            problem = f"is required, here or on every {'rule' if here[0] == 'select' else 'server'}"
            self._mistakes.append(Mistake(("organization",), f"{problem} ({place(here)} has none)"))
        return organization

    def organization_of_muted(self, thing: Mapping[str, Any], here: Location) -> object:
        """The organization of an entry of `muted`."""
        organization = thing.get("organization") or self._organization
        if organization is None:
            problem = "is required: the file has no organization at its top level"
            self._mistakes.append(Mistake((*here, "organization"), problem))
        return organization

    def layers(self, entry: Mapping[str, Any], here: Location) -> Layers:
        """What a server or a rule inherits from: its groups in the order listed, then the file's defaults."""
        return [*self._groups_of(entry, here), (("defaults",), self._defaults)]

    def _groups_of(self, entry: Mapping[str, Any], here: Location) -> Iterator[tuple[Location, object]]:
        names = entry.get("groups")
        for position, name in enumerate(names if isinstance(names, list) else ()):
            if isinstance(name, str) and name in self._groups:
                yield ("groups", name), self._groups[name]
            elif isinstance(name, str):
                known = ", ".join(map(str, self._groups))
                problem = f"unknown group; {f'known groups: {known}' if known else 'the file has no groups'}"
                self._mistakes.append(Mistake((*here, "groups", position), problem, name))
