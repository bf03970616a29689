"""The time of day in which backups of a target may start, by the wall clock of its zone.

A window is open while the local clock of its zone shows a time from its opening to before its closing. When the clocks
change, a skipped hour is therefore never open, and a repeated hour is open both times
(docs/decisions/0018-caps-and-windows.md). Pure: every function takes the time.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, InstanceOf, WithJsonSchema
from pydantic_core import PydanticCustomError

from fleet.inventory.zones import zone_problem

WAITED_FOR: Final = timedelta(minutes=10)
"""A run waits for a window that opens within this time: schedules and clocks are a little off."""
_EXAMPLE: Final = '"01:00-05:00 Europe/Berlin"'
_FORM: Final = re.compile(r"(\d\d:\d\d) ?- ?(\d\d:\d\d)(?: +(\S+))?")
_LOOSE: Final = re.compile(r"\d{1,2}(:\d\d)? ?- ?\d{1,2}(:\d\d)?( +\S+)?")
_DAY: Final = timedelta(days=1)


class WindowError(ValueError):
    """An invalid window; the text says what is wrong and what is allowed."""


@dataclass(frozen=True, slots=True)
class Window:
    """When backups may start.

    Attributes:
        opens: the first minute, in local time.
        closes: the first minute after it; before `opens` if the window spans midnight.
        zone: IANA name of the time zone.
    """

    opens: time
    closes: time
    zone: str

    def __str__(self) -> str:
        return f"{self.opens:%H:%M}-{self.closes:%H:%M} {self.zone}"

    @property
    def minutes(self) -> int:
        """Its length in minutes of the local clock."""
        return int((_since_midnight(self.closes) - _since_midnight(self.opens)) % _DAY / timedelta(minutes=1))

    def is_open(self, now: datetime) -> bool:
        """Whether a backup may start now."""
        shown = now.astimezone(ZoneInfo(self.zone)).time()
        if self.opens < self.closes:
            return self.opens <= shown < self.closes
        return shown >= self.opens or shown < self.closes

    def opens_after(self, now: datetime) -> datetime:
        """When it next opens, in UTC; `now` if it is open."""
        return self._next(now, is_open=True)

    def closes_after(self, now: datetime) -> datetime:
        """When it next closes, in UTC; `now` if it is closed."""
        return self._next(now, is_open=False)

    def may_start(self, now: datetime) -> bool:
        """Whether it is open, or opens within `WAITED_FOR`."""
        return self.is_open(now) or self.opens_after(now) - now.astimezone(UTC) <= WAITED_FOR

    def closed_reason(self, now: datetime) -> str:
        """Why nothing starts now, and when the window opens."""
        opens = _next_opening(self, now.replace(second=0, microsecond=0))
        return f"outside its window {self}, which opens on {opens.astimezone(ZoneInfo(self.zone)):%Y-%m-%d at %H:%M}"

    def _next(self, now: datetime, *, is_open: bool) -> datetime:
        """Find the next opening or closing, across every clock change on the way."""
        zone, turn = ZoneInfo(self.zone), _since_midnight(self.opens if is_open else self.closes)
        here = now.astimezone(UTC)
        while self.is_open(here) is not is_open:
            shown = here.astimezone(zone)
            then = here + (turn - _since_midnight(shown.time())) % _DAY
            if then.astimezone(zone).utcoffset() == shown.utcoffset():
                return then
            here = _change_of_the_clocks(here, then, zone)
        return here


@lru_cache(maxsize=1000)
def parse(text: str) -> Window:
    """Read a window such as `01:00-05:00 Europe/Berlin`.

    Raises:
        WindowError: it is invalid, names no zone, or is never or always open.
    """
    found = _FORM.fullmatch(text.strip())
    if found is None:
        hint = "; hours have two digits: 05:00 and not 5:00" if _LOOSE.fullmatch(text.strip()) else ""
        raise WindowError(f"must be a window such as {_EXAMPLE}{hint}")
    opens, closes = _time(found[1]), _time(found[2])
    if found[3] is None:
        raise WindowError(f"has no time zone; write {_EXAMPLE}, or use UTC")
    if problem := zone_problem(found[3]):
        raise WindowError(problem)
    if opens == closes:
        raise WindowError("opens and closes at the same time; leave it out if backups may start at any time")
    return Window(opens, closes, found[3])


def still_running(spans: Iterable[tuple[Window, datetime, datetime | None]], now: datetime) -> list[str]:
    """List what was still running when its window closed, one line per window.

    Args:
        spans: for each backup started: its window, when it began, and when it was seen to have ended.
        now: the end of the run.
    """
    counts: dict[tuple[Window, datetime], int] = {}
    for window, began, ended in spans:
        closed = window.closes_after(began)
        if closed <= now and (ended is None or ended > closed):
            counts[window, closed] = counts.get((window, closed), 0) + 1
    return [
        f"{count} {'backup was' if count == 1 else 'backups were'} still running, or not yet seen complete, when the "
        f"window {window} closed at {closed.astimezone(ZoneInfo(window.zone)):%H:%M}"
        for (window, closed), count in counts.items()
    ]


def _read(value: object) -> object:
    if value is None or isinstance(value, Window):
        return value
    if not isinstance(value, str):
        raise PydanticCustomError("window", "must be a window such as {example}", {"example": _EXAMPLE})
    try:
        return parse(value)
    except WindowError as error:
        raise PydanticCustomError("window", "{problem}", {"problem": str(error)}) from None


_SCHEMA: Final = {"type": "string", "pattern": r"^ *\d\d:\d\d ?- ?\d\d:\d\d +\S+ *$"}
GivenWindow = Annotated[InstanceOf[Window], BeforeValidator(_read), WithJsonSchema(_SCHEMA)]
"""A window as written in a fleet file."""


def _time(text: str) -> time:
    try:
        return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - a time of day has no zone of its own
    except ValueError:
        hint = "; midnight is 00:00" if text == "24:00" else ""
        raise WindowError(f"{text!r} is not a time of day; it must be HH:MM{hint}") from None


@lru_cache(maxsize=1000)
def _next_opening(window: Window, minute: datetime) -> datetime:
    """Cached, since thousands of targets may share a window."""
    return window.opens_after(minute)


def _since_midnight(shown: time) -> timedelta:
    return timedelta(hours=shown.hour, minutes=shown.minute, seconds=shown.second, microseconds=shown.microsecond)


def _change_of_the_clocks(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first second at which the zone's offset differs from that at `before`."""
    offset = before.astimezone(zone).utcoffset()
    low, high = int(before.timestamp()), int(after.timestamp())
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return datetime.fromtimestamp(high, UTC)
