"""When a backup may start, and when a plan first does: `window` and `start_in_window` of a fleet file, inherited.

They are never sent: `window` holds a create back until it is open, and `start_in_window` becomes a `start_backup`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from fleet.fleet_file.mistakes import Location, Mistake
from fleet.fleet_file.stagger import LEAD
from fleet.inventory.request import START_FORMAT, start_time
from fleet.inventory.window import Window, WindowError, parse

_TRUE: Final = (True, 1)


@dataclass(frozen=True, slots=True)
class Timing:
    """What a fleet file says of the times of one backup.

    Attributes:
        window: when it may start; None for at any time.
        start_in_window: whether it is a plan that starts at a minute of its window that is chosen for it.
        mistakes: that only the whole can show, each at its place in the file.
    """

    window: Window | None
    start_in_window: bool
    mistakes: tuple[Mistake, ...] = ()

    def fields(self, now: datetime) -> dict[str, Any]:
        """Fields of the request that follow; the start is the opening, until those of the whole fleet are known."""
        if not self.start_in_window or self.window is None:
            return {}
        opening = self.window.opens_after((now + LEAD).replace(second=59))
        return {"start_backup_from_now": False, "start_backup": opening.strftime(START_FORMAT)}


def timing_of(layers: Sequence[tuple[Location, object]], request: Mapping[str, Any]) -> Timing:
    """Merge what the layers say.

    Args:
        layers: of one backup, each with its place; the nearest first.
        request: the fields of its request, merged.
    """
    window = _window(_nearest(layers, "window")[1])
    where, given = _nearest(layers, "start_in_window")
    is_plan = request.get("automatic_backup") in _TRUE
    mistakes: list[Mistake] = []
    if given in _TRUE and is_plan:
        mistakes = _contradictions(layers, where)
    elif given in _TRUE and where == layers[0][0]:
        mistakes = [Mistake((*where, "start_in_window"), "is only for an automatic plan, and this is an instant one")]
    elif is_plan and window:
        mistakes = _start_outside(layers, request, window)
    return Timing(window, given in _TRUE and is_plan and window is not None and not mistakes, tuple(mistakes))


def _contradictions(layers: Sequence[tuple[Location, object]], where: Location) -> list[Mistake]:
    """What a plan may not say beside `start_in_window`."""
    mistakes = []
    if _nearest(layers, "window")[1] is None:
        mistakes.append(Mistake((*where, "start_in_window"), 'needs a window, such as "01:00-05:00 Europe/Berlin"'))
    start_place, start = _nearest(layers, "start_backup")
    if start is not None:
        problem = "is chosen where start_in_window is true; leave one of them out"
        mistakes.append(Mistake((*start_place, "start_backup"), problem, start))
    now_place, from_now = _nearest(layers, "start_backup_from_now")
    if from_now in _TRUE:
        problem = "starts a plan at once, and start_in_window does not; leave one of them out"
        mistakes.append(Mistake((*now_place, "start_backup_from_now"), problem, from_now))
    return mistakes


def _start_outside(
    layers: Sequence[tuple[Location, object]], request: Mapping[str, Any], window: Window
) -> list[Mistake]:
    """A plan's own start must lie in its window."""
    given = request.get("start_backup")
    try:
        start = (
            start_time(given) if isinstance(given, str) and request.get("start_backup_from_now") not in _TRUE else None
        )
    except ValueError:
        return []  # Its mistake is found with the request's.
    if start is None or window.is_open(start):
        return []
    there = f"{start.astimezone(ZoneInfo(window.zone)):%H:%M} in {window.zone}"
    problem = f"is outside its window {window}: start times are UTC, and that is {there}"
    return [Mistake((*_nearest(layers, "start_backup")[0], "start_backup"), problem, given)]


def _nearest(layers: Sequence[tuple[Location, object]], key: str) -> tuple[Location, Any]:
    """What the nearest layer says that says anything, also if that is null; and where."""
    for location, layer in layers:
        if isinstance(layer, dict) and key in layer:
            return location, layer[key]
    return (), None


def _window(value: object) -> Window | None:
    """Read a window; one that is wrong is a mistake of the file's shape."""
    try:
        return parse(value) if isinstance(value, str) else None
    except WindowError:
        return None
