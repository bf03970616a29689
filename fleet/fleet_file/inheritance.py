"""Inheritance in a fleet file: what one backup asks for and expects, from its layers, the nearest first."""

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
"""What may say something about a backup, each with where it stands, the nearest first."""


class Inheritance:
    """Merges the layers of one backup after the other; notes each mistake once, however many backups inherit it.

    Attributes:
        mistakes: that were found so far.
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
        """Merge the layers and validate what they are together.

        Args:
            layers: of one backup.
            was_sent: whether a request whose start has passed is a plan that was sent before.

        Returns:
            The request, and when it may start; None where something is wrong.
        """
        merged: dict[str, Any] = {}
        origin: dict[str, Location] = {}
        for location, layer in layers:
            for field, value in mapping(layer).items():
                if field not in merged and field in BackupRequest.model_fields:
                    merged[field], origin[field] = value, location
        here, backup = layers[0]
        own_name = mapping(backup).get("name")
        if own_name not in (None, REFUSED) and merged.get("automatic_backup") in (True, 1):
            problem = "is only for an instant backup, and this is an automatic plan"
            self.mistakes.append(Mistake((*here, "name"), problem, own_name))
        timing = timing_of(layers, merged)
        for mistake in timing.mistakes:
            self._found_in_request(mistake, ())
        merged |= timing.fields(self._now)
        try:
            request = BackupRequest.model_validate(merged, context={"now": self._now})
        except ValidationError as error:
            mistakes = from_validation(error, KNOWN_KEYS)
            only_past = all(mistake.kind == PAST for mistake in mistakes)
            if not only_past or not was_sent(request := BackupRequest.model_validate(merged)):
                for mistake in mistakes:
                    self._found_in_request(
                        mistake, here if mistake.given is NOT_GIVEN else origin[str(mistake.location[0])]
                    )
                return None, timing
        return request, timing

    def expectation(self, layers: Layers) -> Expectation:
        """Merge what is expected, key by key and the nearest first; most targets share one."""
        merged: dict[str, Any] = {}
        for _, layer in layers:
            merged = mapping(mapping(layer).get("expect")) | merged
        if not merged:
            return NOTHING_SAID
        try:
            return Expectation.model_validate(merged)
        except ValidationError:
            return NOTHING_SAID  # Its mistakes were found when the file's shape was looked at.

    def _found_in_request(self, mistake: Mistake, location: Location) -> None:
        """Note a mistake where its value stands: once, however many backups inherit it."""
        where = (*location, *mistake.location)
        if mistake.given is not REFUSED and where not in self._wrong:
            self._wrong.add(where)
            self.mistakes.append(replace(mistake, location=where))
