"""From the plain values of a fleet file to targets: inheritance, and every mistake of the whole file at once.

Nearest wins: the backup, then its server's `defaults`, then its groups in the order listed, then `defaults`.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, Final

from pydantic import ValidationError

from fleet.fleet_file.inheritance import Inheritance, Layers
from fleet.fleet_file.mistakes import FleetFileError, Location, Mistake, place
from fleet.fleet_file.shape import as_read, check_shape, mapping, mappings
from fleet.fleet_file.stagger import with_starts
from fleet.fleet_file.surroundings import Surroundings
from fleet.inventory.caps import Caps
from fleet.inventory.expectation import MutedThing
from fleet.inventory.fleet_file_fields import Rule, Server
from fleet.inventory.inventory import Inventory, InventoryServer, Selector
from fleet.inventory.request import BackupRequest
from fleet.inventory.target import Target

MOST_TARGETS: Final = 100_000
"""More than any fleet has; a few aliases of aliases can ask for millions."""
_FOUND_BY_A_RULE: Final[dict[str, Any]] = {"application_id": 1, "database_id": None}
"""Placeholders in a rule's request for what the rule finds in each run."""


def resolve(
    values: Mapping[str, Any], now: datetime, source: str, sent_plans: Collection[str] = frozenset()
) -> Inventory:
    """Validate a fleet file and resolve what each backup inherits.

    Args:
        values: the file's plain values (`fleet.fleet_file.reading.read`).
        now: the time that a start time must be after.
        source: the file's name, for people.
        sent_plans: keys of automatic plans that were sent before: the start of an existing plan may have passed.

    Raises:
        FleetFileError: with every mistake of the whole file at once.
    """
    if (wanted := _count(values)) > MOST_TARGETS:
        raise FleetFileError(source, [Mistake((), f"asks for {wanted} backups; the maximum is {MOST_TARGETS}")])
    values, mistakes = check_shape(values)
    if values.get("servers") is None and values.get("select") is None:
        mistakes.append(Mistake(("servers",), "is required, unless rules in 'select' find the servers"))
    resolution = _Resolution(values, now, sent_plans)
    inventory = resolution.inventory(values)
    mistakes += resolution.mistakes
    if mistakes:
        raise FleetFileError(source, sorted(mistakes, key=as_read))
    caps = Caps(values.get("max_running_per_server"), values.get("max_running_per_provider"))
    return with_starts(replace(inventory, caps=caps), now)


def _count(values: Mapping[str, Any]) -> int:
    """How many backups a file asks for; an alias counts wherever it is used."""
    every = (server.get("backups") for _, server in mappings(values.get("servers")))
    return sum(len(backups) for backups in every if isinstance(backups, list))


class _Resolution:
    """One pass over a fleet file whose shape was checked: collects the mistakes that only the whole file shows."""

    def __init__(self, values: Mapping[str, Any], now: datetime, sent_plans: Collection[str]) -> None:
        self._inheritance = Inheritance(now)
        self.mistakes = self._inheritance.mistakes
        self._around = Surroundings(values, self.mistakes)
        self._now = now
        self._sent_plans = sent_plans
        self._first_place: dict[tuple[object, ...], Location] = {}

    def inventory(self, values: Mapping[str, Any]) -> Inventory:
        """Resolve every server, and what every rule inherits; meaningless where mistakes were found."""
        servers = [self._server(server, ("servers", index)) for index, server in mappings(values.get("servers"))]
        rules = [self._rule(rule, ("select", index)) for index, rule in mappings(values.get("select"))]
        muted = [self._muted(thing, ("muted", index)) for index, thing in mappings(values.get("muted"))]
        return Inventory(
            tuple(server for server in servers if server is not None),
            tuple(rule for rule in rules if rule is not None),
            muted=tuple(thing for thing in muted if thing is not None),
        )

    def _muted(self, thing: dict[str, Any], here: Location) -> MutedThing | None:
        organization = self._around.organization_of_muted(thing, here)
        try:
            return MutedThing.model_validate({**thing, "organization": organization})
        except ValidationError:
            return None  # The check of the file's shape has reported its mistakes.

    def _server(self, entry: dict[str, Any], here: Location) -> InventoryServer | None:
        organization = self._around.organization_of(entry, here)
        layers = [((*here, "defaults"), entry.get("defaults")), *self._around.layers(entry, here)]
        try:
            server = Server.model_validate({**entry, "organization": organization})
        except ValidationError:
            server = None  # The check of the file's shape has reported its mistakes.
        targets = [
            self._target(server, location, [(location, backup), *layers])
            for position, backup in mappings(entry.get("backups"))
            for location in [(*here, "backups", position)]
        ]
        if server is None:
            return None
        found = tuple(target for target in targets if target is not None)
        return InventoryServer(server.id, server.name, tuple(server.tags), tuple(server.groups), found)

    def _target(self, server: Server | None, here: Location, layers: Layers) -> Target | None:
        request, timing = self._inheritance.request(layers, partial(self._was_sent, server))
        expectation = self._inheritance.expectation(layers)
        if server is None or request is None:
            return None
        subject = server.organization or 0, server.id, server.name
        target = Target(place(here), *subject, request, expectation, timing.window, timing.start_in_window)
        first = self._first_place.setdefault(target.identity, here)
        if first != here:
            self.mistakes.append(Mistake(here, f"asks for the same backup as {place(first)}; leave one of them out"))
        return target

    def _rule(self, entry: dict[str, Any], here: Location) -> Selector | None:
        """Resolve what the backups of a rule inherit, so that its mistakes are found before anything is read."""
        organization = self._around.organization_of(entry, here)
        own, where = mapping(entry.get("defaults")), (*here, "defaults")
        for field in _FOUND_BY_A_RULE.keys() & own.keys():
            self.mistakes.append(Mistake((*where, field), "is found by the rule; leave it out", own[field]))
        layers = [(where, own | _FOUND_BY_A_RULE), *self._around.layers(entry, here)]
        # Some of the plans that were sent may be among those the rule finds; which ones is known once it is resolved.
        request, timing = self._inheritance.request(layers, self._may_be_sent)
        expectation = self._inheritance.expectation(layers)
        try:
            rule = Rule.model_validate({**entry, "organization": organization})
        except ValidationError:
            return None  # The check of the file's shape has reported its mistakes.
        if request is None:
            return None
        self._check_databases(rule, request, here)
        criteria = rule.servers, rule.applications, rule.databases, tuple(rule.groups)
        sent_plans = self._sent_plans if request.starts_before(self._now) else None
        times = timing.window, timing.start_in_window, sent_plans
        return Selector(place(here), rule.organization or 0, *criteria, request, expectation, *times)

    def _check_databases(self, rule: Rule, request: BackupRequest, here: Location) -> None:
        if rule.databases is None and request.type == "database":
            self.mistakes.append(Mistake((*here, "databases"), "is required for backups of type database"))
        if rule.databases is not None and request.type == "filesystem":
            self.mistakes.append(Mistake((*here, "databases"), "does not apply to backups of type filesystem"))

    def _may_be_sent(self, request: BackupRequest) -> bool:
        """Whether a rule's request may be for automatic plans that were sent before."""
        return request.automatic_backup and bool(self._sent_plans)

    def _was_sent(self, server: Server | None, request: BackupRequest) -> bool:
        """Whether a request is for an automatic plan that was sent before."""
        if server is None or not request.automatic_backup:
            return False
        return Target("", server.organization or 0, server.id, server.name, request).key("") in self._sent_plans
