"""From the plain values of a fleet file to targets: inheritance, and every mistake of the whole file at once.

Nearest wins: the backup, then its server's `defaults`, then its groups in the order listed, then `defaults`.
"""

import copy
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from fleet.caps import Caps
from fleet.criteria import ApplicationCriteria, ServerCriteria
from fleet.database_criteria import DatabaseCriteria
from fleet.expectation import NOTHING_SAID, Expectation, MutedThing
from fleet.inventory import BackupLayer, FleetFile, Inventory, InventoryServer, Rule, Selector, Server
from fleet.mistakes import NOT_GIVEN, FleetFileError, Location, Mistake, from_validation, place
from fleet.request import PAST, BackupRequest
from fleet.stagger import with_starts
from fleet.target import Target
from fleet.timing import Timing, timing_of

_MODELS: Final[tuple[type[BaseModel], ...]] = (
    *(FleetFile, Server, Rule, BackupLayer, Expectation, MutedThing),
    *(ServerCriteria, ApplicationCriteria, DatabaseCriteria),
)
_KNOWN_KEYS: Final = sorted({field.alias or name for model in _MODELS for name, field in model.model_fields.items()})
_TOP_LEVEL: Final = tuple(FleetFile.model_fields)
MOST_TARGETS: Final = 100_000
"""More than any fleet has; a file of a few aliases of aliases can ask for millions."""
_FOUND_BY_A_RULE: Final[dict[str, Any]] = {"application_id": 1, "database_id": None}
"""Stands in a rule's request for what it finds at each run."""
_REFUSED: Final = object()
"""Stands where a wrong value stood, so that it is reported once and not again by what inherits it."""


def resolve(
    values: Mapping[str, Any], now: datetime, source: str, sent_plans: Collection[str] = frozenset()
) -> Inventory:
    """Validate a fleet file and resolve what each backup inherits.

    Args:
        values: the file's plain values (`fleet.fleet_file.read`).
        now: the time that a start time must be after.
        source: the file's name, for people.
        sent_plans: the keys of automatic plans that were sent: the start of one that exists may have passed.

    Raises:
        FleetFileError: with every mistake of the whole file at once.
    """
    if (wanted := _count(values)) > MOST_TARGETS:
        raise FleetFileError(source, [Mistake((), f"asks for {wanted} backups, and {MOST_TARGETS} are the most")])
    mistakes: list[Mistake] = []
    try:
        FleetFile.model_validate(values)
    except ValidationError as error:
        mistakes = [_elsewhere(mistake) for mistake in from_validation(error, _KNOWN_KEYS)]
        values = _without_mistakes(values, mistakes)
    if values.get("servers") is None and values.get("select") is None:
        mistakes.append(Mistake(("servers",), "is required, or rules in 'select' that find the servers"))
    resolution = _Resolution(values, now, sent_plans)
    inventory = resolution.inventory()
    mistakes += resolution.mistakes
    if mistakes:
        raise FleetFileError(source, sorted(mistakes, key=lambda mistake: _position(mistake.location)))
    caps = Caps(values.get("max_running_per_server"), values.get("max_running_per_provider"))
    return with_starts(replace(inventory, caps=caps), now)


def _elsewhere(mistake: Mistake) -> Mistake:
    """Say of a known key that stands where it means nothing where it belongs."""
    key = mistake.location[-1]
    if not mistake.problem.startswith("unknown key"):
        return mistake
    if key in BackupLayer.model_fields:
        return replace(mistake, problem="stands in `defaults`, in a group or in a backup, not here")
    if key in FleetFile.model_fields.keys() - Server.model_fields.keys():
        return replace(mistake, problem="stands at the top of the file, not here")
    return mistake


def _count(values: Mapping[str, Any]) -> int:
    """How many backups a file asks for, aliases counted as often as they stand."""
    every = (server.get("backups") for _, server in _mappings(values.get("servers")))
    return sum(len(backups) for backups in every if isinstance(backups, list))


class _Resolution:
    """One pass over a fleet file whose shape was looked at: collects the mistakes that only the whole can show."""

    def __init__(self, values: Mapping[str, Any], now: datetime, sent_plans: Collection[str]) -> None:
        self.mistakes: list[Mistake] = []
        self._now = now
        self._sent_plans = sent_plans
        self._servers = values.get("servers")
        self._rules = values.get("select")
        self._organization = values.get("organization")
        self._defaults = values.get("defaults")
        self._groups = _mapping(values.get("groups"))
        self._muted_things = values.get("muted")
        self._first_place: dict[tuple[object, ...], Location] = {}
        self._wrong: set[Location] = set()
        self._fields: dict[frozenset[str], set[str]] = {}
        self._expectations: dict[Expectation, Expectation] = {NOTHING_SAID: NOTHING_SAID}

    def inventory(self) -> Inventory:
        """Resolve every server, and what every rule inherits; meaningless where mistakes were found."""
        servers = [self._server(server, ("servers", index)) for index, server in _mappings(self._servers)]
        rules = [self._rule(rule, ("select", index)) for index, rule in _mappings(self._rules)]
        muted = [self._muted(thing, ("muted", index)) for index, thing in _mappings(self._muted_things)]
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
            (location, self._request(nearest_first, was_sent), self._expectation(nearest_first))
            for position, backup in _mappings(server.get("backups"))
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
        own, where = _mapping(rule.get("defaults")), (*here, "defaults")
        for field in _FOUND_BY_A_RULE.keys() & own.keys():
            self.mistakes.append(Mistake((*where, field), "is what the rule finds; leave it out", own[field]))
        layers = [(where, own | _FOUND_BY_A_RULE), *self._groups_of(rule, here), (("defaults",), self._defaults)]
        # Where plans were sent, some that the rule finds may exist: which, is known when it is resolved.
        (request, timing), expectation = self._request(layers, self._may_be_sent), self._expectation(layers)
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

    def _request(
        self, layers: list[tuple[Location, object]], was_sent: Callable[[BackupRequest], bool] = lambda _: False
    ) -> tuple[BackupRequest | None, Timing]:
        """Merge the layers, the nearest first, and validate what they are together."""
        merged: dict[str, Any] = {}
        origin: dict[str, Location] = {}
        for location, layer in layers:
            for field, value in _mapping(layer).items():
                if field not in merged and field in BackupRequest.model_fields:
                    merged[field], origin[field] = value, location
        here, backup = layers[0]
        own_name = _mapping(backup).get("name")
        if own_name not in (None, _REFUSED) and merged.get("automatic_backup") in (True, 1):
            problem = "is only for an instant backup, and this is an automatic plan"
            self.mistakes.append(Mistake((*here, "name"), problem, own_name))
        timing = timing_of(layers, merged)
        for mistake in timing.mistakes:
            self._found_in_request(mistake, ())
        merged |= timing.fields(self._now)
        try:
            request = BackupRequest.model_validate(merged, context={"now": self._now})
        except ValidationError as error:
            mistakes = from_validation(error, _KNOWN_KEYS)
            only_past = all(mistake.kind == PAST for mistake in mistakes)
            if not only_past or not was_sent(request := BackupRequest.model_validate(merged)):
                for mistake in mistakes:
                    self._found_in_request(
                        mistake, here if mistake.given is NOT_GIVEN else origin[str(mistake.location[0])]
                    )
                return None, timing
        # Thousands of requests name the same fields: the set of their names would be half of what each occupies.
        fields = request.model_fields_set
        object.__setattr__(request, "__pydantic_fields_set__", self._fields.setdefault(frozenset(fields), fields))
        return request, timing

    def _expectation(self, layers: list[tuple[Location, object]]) -> Expectation:
        """Merge what is expected, key by key and the nearest first; most targets share one."""
        merged: dict[str, Any] = {}
        for _, layer in layers:
            merged = _mapping(_mapping(layer).get("expect")) | merged
        if not merged:
            return NOTHING_SAID
        try:
            expectation = Expectation.model_validate(merged)
        except ValidationError:
            return NOTHING_SAID  # Its mistakes were found when the file's shape was looked at.
        return self._expectations.setdefault(expectation, expectation)

    def _found_in_request(self, mistake: Mistake, location: Location) -> None:
        """Note a mistake where its value stands: once, however many backups inherit it."""
        where = (*location, *mistake.location)
        if mistake.given is not _REFUSED and where not in self._wrong:
            self._wrong.add(where)
            self.mistakes.append(replace(mistake, location=where))

    def _look_for_repeated(self, targets: list[Target], locations: list[Location]) -> None:
        for target, here in zip(targets, locations, strict=True):
            first = self._first_place.setdefault(target.identity, here)
            if first != here:
                self.mistakes.append(
                    Mistake(here, f"asks for the same backup as {place(first)}; leave one of them out")
                )


def _position(location: Location) -> list[tuple[int, int, str]]:
    """Sort mistakes as the file is read: top-level keys in the order of the contract, lists by position."""
    top = _TOP_LEVEL.index(location[0]) if location and location[0] in _TOP_LEVEL else -1
    parts = [(part, 0, "") if isinstance(part, int) else (0, 1, str(part)) for part in location[1:]]
    return [(top, 0, ""), *parts]


def _without_mistakes(values: Mapping[str, Any], mistakes: list[Mistake]) -> dict[str, Any]:
    """Take out unknown keys and put `_REFUSED` in place of wrong values, so that the rest can still be looked at."""
    cleaned: dict[str, Any] = copy.deepcopy(dict(values))
    for mistake in mistakes:
        *path, last = mistake.location
        holder: Any = cleaned
        for part in path:
            holder = _entry(holder, part)
        if isinstance(holder, dict) and last not in _KNOWN_KEYS and path != ["groups"]:
            holder.pop(last, None)
        elif isinstance(holder, dict | list):
            holder[last] = _REFUSED  # type: ignore[index] # a position in a list, a key in a mapping: pydantic found it
    return cleaned


def _entry(holder: object, part: int | str) -> object:
    if isinstance(holder, list) and isinstance(part, int):
        return holder[part]
    return _mapping(holder).get(str(part))


def _mapping(values: object) -> dict[str, Any]:
    return values if isinstance(values, dict) else {}


def _mappings(values: object) -> Iterator[tuple[int, dict[str, Any]]]:
    """The mappings in a list, each with its position."""
    for position, entry in enumerate(values if isinstance(values, list) else ()):
        if isinstance(entry, dict):
            yield position, entry
