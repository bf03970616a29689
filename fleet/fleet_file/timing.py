"""When a backup may start, and when a plan first starts: `window` and `start_in_window` of a fleet file, inherited.

Neither is sent: a create waits until its `window` opens, and `start_in_window` becomes a `start_backup`.
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
    """What a fleet file says about the times of one backup.

    Attributes:
        window: when it may start; None: at any time.
        start_in_window: whether it is a plan whose start is chosen within its window.
        mistakes: that only the merged layers show, each at its place in the file.
    """

    window: Window | None
    start_in_window: bool
    mistakes: tuple[Mistake, ...] = ()

    def fields(self, now: datetime) -> dict[str, Any]:
        """The request fields that follow: the window's opening as the start, until the whole fleet is staggered."""
        if not self.start_in_window or self.window is None:
            return {}
        opening = self.window.opens_after((now + LEAD).replace(second=59))
        return {"start_backup_from_now": False, "start_backup": opening.strftime(START_FORMAT)}


def timing_of(layers: Sequence[tuple[Location, object]], request: Mapping[str, Any]) -> Timing:
    """Merge the layers.

    Args:
        layers: of one backup, each with its place, the nearest first.
        request: the merged fields of its request.
    """
    window = _window(_nearest(layers, "window")[1])
    where, given = _nearest(layers, "start_in_window")
    is_plan = request.get("automatic_backup") in _TRUE
    mistakes: list[Mistake] = []
    if given in _TRUE and is_plan:
        mistakes = _contradictions(layers, where)
    elif given in _TRUE and where == layers[0][0]:
        mistakes = [
            Mistake((*where, "start_in_window"), "is only for an automatic plan, and this is an instant backup")
        ]
    elif is_plan and window:
        mistakes = _start_outside(layers, request, window)
    return Timing(window, given in _TRUE and is_plan and window is not None and not mistakes, tuple(mistakes))


def _contradictions(layers: Sequence[tuple[Location, object]], where: Location) -> list[Mistake]:
    """What a plan cannot have together with `start_in_window`."""
    mistakes = []
    if _nearest(layers, "window")[1] is None:
        mistakes.append(Mistake((*where, "start_in_window"), 'needs a window, such as "01:00-05:00 Europe/Berlin"'))
    start_place, start = _nearest(layers, "start_backup")
    if start is not None:
        problem = "is chosen by start_in_window; leave one of them out"
        mistakes.append(Mistake((*start_place, "start_backup"), problem, start))
    now_place, from_now = _nearest(layers, "start_backup_from_now")
    if from_now in _TRUE:
        problem = "starts a plan immediately, start_in_window later; leave one of them out"
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
        return []  # Reported with the mistakes of the request.
    if start is None or window.is_open(start):
        return []
    there = f"{start.astimezone(ZoneInfo(window.zone)):%H:%M} in {window.zone}"
    problem = f"is outside its window {window}: start times are UTC, and that is {there}"
    return [Mistake((*_nearest(layers, "start_backup")[0], "start_backup"), problem, given)]


def _nearest(layers: Sequence[tuple[Location, object]], key: str) -> tuple[Location, Any]:
    """The value, possibly null, of the nearest layer that has the key; and the place of that layer."""
    for location, layer in layers:
        if isinstance(layer, dict) and key in layer:
            return location, layer[key]
    return (), None


def _window(value: object) -> Window | None:
    """Read a window; the check of the file's shape reports a wrong one."""
    try:
        return parse(value) if isinstance(value, str) else None
    except WindowError:
        return None
