"""From the plain values of a fleet file to targets: inheritance, and every mistake of the whole file at once.

Nearest wins: the backup, then its server's `defaults`, then its groups in the order listed, then `defaults`.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, Final

from pydantic import ValidationError

from fleet.fleet_file.inheritance import Inheritance
from fleet.fleet_file.mistakes import FleetFileError, Location, Mistake, place
from fleet.fleet_file.shape import as_read, look_at_shape, mapping, mappings
from fleet.fleet_file.stagger import with_starts
from fleet.inventory.caps import Caps
from fleet.inventory.expectation import MutedThing
from fleet.inventory.fleet_file_fields import Rule, Server
from fleet.inventory.inventory import Inventory, InventoryServer, Selector
from fleet.inventory.request import BackupRequest
from fleet.inventory.target import Target

MOST_TARGETS: Final = 100_000
"""More than any fleet has; a file of a few aliases of aliases can ask for millions."""
_FOUND_BY_A_RULE: Final[dict[str, Any]] = {"application_id": 1, "database_id": None}
"""Stands in a rule's request for what it finds at each run."""


def resolve(
    values: Mapping[str, Any], now: datetime, source: str, sent_plans: Collection[str] = frozenset()
) -> Inventory:
    """Validate a fleet file and resolve what each backup inherits.

    Args:
        values: the file's plain values (`fleet.fleet_file.reading.read`).
        now: the time that a start time must be after.
        source: the file's name, for people.
        sent_plans: the keys of automatic plans that were sent: the start of one that exists may have passed.

    Raises:
        FleetFileError: with every mistake of the whole file at once.
    """
    if (wanted := _count(values)) > MOST_TARGETS:
        raise FleetFileError(source, [Mistake((), f"asks for {wanted} backups, and {MOST_TARGETS} are the most")])
    values, mistakes = look_at_shape(values)
    if values.get("servers") is None and values.get("select") is None:
        mistakes.append(Mistake(("servers",), "is required, or rules in 'select' that find the servers"))
    resolution = _Resolution(values, now, sent_plans)
    inventory = resolution.inventory()
    mistakes += resolution.mistakes
    if mistakes:
        raise FleetFileError(source, sorted(mistakes, key=as_read))
    caps = Caps(values.get("max_running_per_server"), values.get("max_running_per_provider"))
    return with_starts(replace(inventory, caps=caps), now)


def _count(values: Mapping[str, Any]) -> int:
    """How many backups a file asks for, aliases counted as often as they stand."""
    every = (server.get("backups") for _, server in mappings(values.get("servers")))
    return sum(len(backups) for backups in every if isinstance(backups, list))


class _Resolution:
    """One pass over a fleet file whose shape was looked at: collects the mistakes that only the whole can show."""

    def __init__(self, values: Mapping[str, Any], now: datetime, sent_plans: Collection[str]) -> None:
        self._inheritance = Inheritance(now)
        self.mistakes = self._inheritance.mistakes
        self._now = now
        self._sent_plans = sent_plans
        self._servers = values.get("servers")
        self._rules = values.get("select")
        self._organization = values.get("organization")
        self._defaults = values.get("defaults")
        self._groups = mapping(values.get("groups"))
        self._muted_things = values.get("muted")
        self._first_place: dict[tuple[object, ...], Location] = {}

    def inventory(self) -> Inventory:
        """Resolve every server, and what every rule inherits; meaningless where mistakes were found."""
        servers = [self._server(server, ("servers", index)) for index, server in mappings(self._servers)]
        rules = [self._rule(rule, ("select", index)) for index, rule in mappings(self._rules)]
        muted = [self._muted(thing, ("muted", index)) for index, thing in mappings(self._muted_things)]
        return Inventory(
            tuple(server for server in servers if server is not None),
            tuple(rule for rule in rules if rule is not None),
            muted=tuple(thing for thing in muted if thing is not None),
        )

    def _muted(self, thing: dict[str, Any], here: Location) -> MutedThing | None:
        organization = thing.get("organization") or self._organization
        if organization is None:
            self.mistakes.append(Mistake((*here, "organization"), "is required: the file names none for all"))
        try:
            return MutedThing.model_validate({**thing, "organization": organization})
        except ValidationError:
            return None  # Its mistakes were found when the file's shape was looked at.

    def _server(self, server: dict[str, Any], here: Location) -> InventoryServer | None:
        organization = self._organization_of(server, here)
        layers = [
            ((*here, "defaults"), server.get("defaults")),
            *self._groups_of(server, here),
            (("defaults",), self._defaults),
        ]
        try:
            known = Server.model_validate({**server, "organization": organization})
        except ValidationError:
            known = None  # Its mistakes were found when the file's shape was looked at.
        was_sent = partial(self._was_sent, known)
        wanted = [
            (location, self._inheritance.request(nearest_first, was_sent), self._inheritance.expectation(nearest_first))
            for position, backup in mappings(server.get("backups"))
            for location in [(*here, "backups", position)]
            for nearest_first in [[(location, backup), *layers]]
        ]
        if known is None:
            return None
        targets = [
            Target(
                place(location),
                known.organization or 0,
                known.id,
                known.name,
                request,
                expectation,
                timing.window,
                timing.start_in_window,
            )
            for location, (request, timing), expectation in wanted
            if request is not None
        ]
        self._look_for_repeated(targets, [location for location, (request, _), _ in wanted if request is not None])
        return InventoryServer(known.id, known.name, tuple(known.tags), tuple(known.groups), tuple(targets))

    def _rule(self, rule: dict[str, Any], here: Location) -> Selector | None:
        """Resolve what the backups of a rule inherit, so that its mistakes are found before anything is read."""
        organization = self._organization_of(rule, here)
        own, where = mapping(rule.get("defaults")), (*here, "defaults")
        for field in _FOUND_BY_A_RULE.keys() & own.keys():
            self.mistakes.append(Mistake((*where, field), "is what the rule finds; leave it out", own[field]))
        layers = [(where, own | _FOUND_BY_A_RULE), *self._groups_of(rule, here), (("defaults",), self._defaults)]
        # Where plans were sent, some that the rule finds may exist: which, is known when it is resolved.
        request, timing = self._inheritance.request(layers, self._may_be_sent)
        expectation = self._inheritance.expectation(layers)
        try:
            known = Rule.model_validate({**rule, "organization": organization})
        except ValidationError:
            return None  # Its mistakes were found when the file's shape was looked at.
        if request is None:
            return None
        if known.databases is None and request.type == "database":
            self.mistakes.append(Mistake((*here, "databases"), "is required for backups of type database"))
        if known.databases is not None and request.type == "filesystem":
            self.mistakes.append(
                Mistake((*here, "databases"), "is not for backups of type filesystem, which have none")
            )
        return Selector(
            place(here),
            known.organization or 0,
            known.servers,
            known.applications,
            known.databases,
            tuple(known.groups),
            request,
            expectation,
            timing.window,
            timing.start_in_window,
            self._sent_plans if request.starts_before(self._now) else None,
        )

    def _organization_of(self, entry: dict[str, Any], here: Location) -> object:
        organization = entry.get("organization") or self._organization
        if organization is None and not any(mistake.location == ("organization",) for mistake in self.mistakes):
            problem = f"is required, here or on every {'rule' if here[0] == 'select' else 'server'}"
            self.mistakes.append(Mistake(("organization",), f"{problem} ({place(here)} names none)"))
        return organization

    def _groups_of(self, server: dict[str, Any], here: Location) -> Iterator[tuple[Location, object]]:
        names = server.get("groups")
        for position, name in enumerate(names if isinstance(names, list) else ()):
            if isinstance(name, str) and name not in self._groups:
                known = (
                    f"known groups: {', '.join(map(str, self._groups))}" if self._groups else "the file has no groups"
                )
                self.mistakes.append(Mistake((*here, "groups", position), f"unknown group; {known}", name))
            elif isinstance(name, str):
                yield ("groups", name), self._groups[name]

    def _may_be_sent(self, request: BackupRequest) -> bool:
        """Whether a rule's request may be for automatic plans that were sent before."""
        return request.automatic_backup and bool(self._sent_plans)

    def _was_sent(self, server: Server | None, request: BackupRequest) -> bool:
        """Whether a request is for an automatic plan that was sent before."""
        if server is None or not request.automatic_backup:
            return False
        return Target("", server.organization or 0, server.id, server.name, request).key("") in self._sent_plans

    def _look_for_repeated(self, targets: list[Target], locations: list[Location]) -> None:
        for target, here in zip(targets, locations, strict=True):
            first = self._first_place.setdefault(target.identity, here)
            if first != here:
                self.mistakes.append(
                    Mistake(here, f"asks for the same backup as {place(first)}; leave one of them out")
                )
