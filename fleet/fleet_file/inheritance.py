"""Inheritance in a fleet file: what one backup asks for and expects, merged from its layers, the nearest first."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from fleet.fleet_file.mistakes import NOT_GIVEN, Location, Mistake, from_validation
from fleet.fleet_file.shape import KNOWN_KEYS, REFUSED, mapping
from fleet.fleet_file.timing import Timing, timing_of
from fleet.inventory.expectation import NOTHING_SAID, Expectation
from fleet.inventory.request import PAST, BackupRequest

Layers = list[tuple[Location, object]]
"""What a backup inherits from, each with its place in the file, the nearest first."""


class Inheritance:
    """Merges the layers of one backup after another; reports each mistake once, however many backups inherit it.

    Attributes:
        mistakes: found so far.
    """

    def __init__(self, now: datetime) -> None:
        """Prepare.

        Args:
            now: the time that a start time must be after.
        """
        self.mistakes: list[Mistake] = []
        self._now = now
        self._wrong: set[Location] = set()

    def request(self, layers: Layers, was_sent: Callable[[BackupRequest], bool]) -> tuple[BackupRequest | None, Timing]:
        """Merge the layers and validate the result.

        Args:
            layers: of one backup.
            was_sent: whether a request whose start has passed is for a plan that was sent before.

        Returns:
            The request, and when it may start; None where something is wrong.
        """
        merged, origin = _merged(layers)
        here, backup = layers[0]
        own_name = mapping(backup).get("name")
        if own_name not in (None, REFUSED) and merged.get("automatic_backup") in (True, 1):
            problem = "is only for an instant backup, and this is an automatic plan"
            self.mistakes.append(Mistake((*here, "name"), problem, own_name))
        timing = timing_of(layers, merged)
        for mistake in timing.mistakes:
            self._report(mistake, ())
        merged |= timing.fields(self._now)
        try:
            return BackupRequest.model_validate(merged, context={"now": self._now}), timing
        except ValidationError as error:
            mistakes = from_validation(error, KNOWN_KEYS)
        only_past = all(mistake.kind == PAST for mistake in mistakes)
        if only_past and was_sent(request := BackupRequest.model_validate(merged)):
            return request, timing
        for mistake in mistakes:
            self._report(mistake, here if mistake.given is NOT_GIVEN else origin[str(mistake.location[0])])
        return None, timing

    def expectation(self, layers: Layers) -> Expectation:
        """Merge what is expected, key by key and the nearest first."""
        merged: dict[str, Any] = {}
        for _, layer in layers:
            merged = mapping(mapping(layer).get("expect")) | merged
        if not merged:
            return NOTHING_SAID
        try:
            return Expectation.model_validate(merged)
        except ValidationError:
            return NOTHING_SAID  # The check of the file's shape has reported its mistakes.

    def _report(self, mistake: Mistake, location: Location) -> None:
        """Report a mistake where its value stands: once, however many backups inherit it."""
        where = (*location, *mistake.location)
        if mistake.given is not REFUSED and where not in self._wrong:
            self._wrong.add(where)
            self.mistakes.append(replace(mistake, location=where))


def _merged(layers: Layers) -> tuple[dict[str, Any], dict[str, Location]]:
    """The fields of the request, the nearest first, and where each comes from."""
    merged: dict[str, Any] = {}
    origin: dict[str, Location] = {}
    for location, layer in layers:
        for field, value in mapping(layer).items():
            if field not in merged and field in BackupRequest.model_fields:
                merged[field], origin[field] = value, location
    return merged, origin
