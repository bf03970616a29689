"""The values that a point of a dialect takes, and how they are read from text."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, timedelta, timezone, tzinfo
from functools import cache
from typing import Literal, TypeGuard, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

_SWITCH: Mapping[str, bool] = {"true": True, "false": False, "yes": True, "no": False}
_LARGEST_OFFSET = 24 * 60


@dataclass(frozen=True)
class Kind:
    """One kind of values.

    Attributes:
        allowed: the allowed values, for people.
        read: reads a value from text; raises ValueError.
        takes: whether a value is of this kind.
        nothing: the text for None, where None is a value.
    """

    allowed: str
    read: Callable[[str], object]
    takes: Callable[[object], bool]
    nothing: str = ""

    def write(self, value: object) -> str:
        """The text that `read` reads as this value."""
        if isinstance(value, bool):
            return str(value).lower()
        return self.nothing if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def zone_of(zone: str | int) -> tzinfo:
    """The zone of an IANA name or of an offset from UTC in minutes.

    Raises:
        ValueError: unknown zone.
    """
    if isinstance(zone, int):
        if abs(zone) >= _LARGEST_OFFSET:
            raise ValueError(f"no time zone is {zone} minutes from UTC")
        return timezone(timedelta(minutes=zone))
    if zone == "UTC":
        return UTC
    try:
        return ZoneInfo(zone)
    except (OSError, LookupError):
        raise ValueError(f"unknown time zone {zone!r}") from None


@cache
def kinds_of(points: type) -> Mapping[str, Kind]:
    """The kind of each point of a dataclass, from its annotation."""
    return {name: _kind_of(hint) for name, hint in get_type_hints(points, include_extras=True).items()}


def _kind_of(hint: object) -> Kind:
    if hint is bool:
        return SWITCH
    if hint is str:
        return TEXT
    if get_origin(hint) is Literal:
        choices = get_args(hint)
        return Kind(f"one of {', '.join(choices)}", str, lambda value: value in choices)
    kind: Kind = hint.__metadata__[0]  # type: ignore[attr-defined]  # every other point is Annotated with its kind
    return kind


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_span(value: object) -> bool:
    return _is_number(value) and value >= 0


def _is_zone(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return False
    try:
        zone_of(value)
    except ValueError:
        return False
    return True


def _read_switch(word: str) -> bool:
    if word.lower() not in _SWITCH:
        raise ValueError(word)
    return _SWITCH[word.lower()]


def _read_zone(word: str) -> str | int:
    return int(word) if word.lstrip("+-").isdigit() else word


def _span_or(nothing: str, unit: str) -> Kind:
    return Kind(
        f"a number of {unit}, 0 or more, or {nothing}",
        lambda word: None if word == nothing else float(word),
        lambda value: value is None or _is_span(value),
        nothing,
    )


SWITCH = Kind("true or false", _read_switch, lambda value: isinstance(value, bool))
TEXT = Kind("text", str, lambda value: isinstance(value, str) and bool(value))
COUNT = Kind("a whole number above 0", int, lambda value: type(value) is int and value > 0)
SHIFT = Kind("a number of seconds", float, _is_number)
SECONDS = Kind("a number of seconds, 0 or more", float, _is_span)
SECONDS_OR_NEVER = _span_or("never", "seconds")
DAYS_OR_RETENTION = _span_or("retention", "days")
ZONE = Kind("an IANA time zone or an offset from UTC in minutes", _read_zone, _is_zone)
