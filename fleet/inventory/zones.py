"""Time zones as people name them: which are taken, and what is said of the others. The names are those of IANA.

An abbreviation says nothing for certain: IST is a time of India, of Ireland and of Israel. So none is ever proposed; of
those that IANA lists, EST and MST are refused, which stand still while the clocks that people mean change
(docs/decisions/0018-caps-and-windows.md).
"""

import difflib
import re
from functools import lru_cache
from typing import Final
from zoneinfo import available_timezones

_NO_ZONES: Final = frozenset({"localtime", "Factory"})
"""Listed among the zones, and none: the first is another one on every machine."""
_NEVER_CHANGE: Final = {"EST": ("America/New_York", "Etc/GMT+5"), "MST": ("America/Denver", "Etc/GMT+7")}
"""Listed, and an hour off in summer for most who write them; each with what they mean, and what it says."""
_PLACES_ONLY: Final = re.compile(r"[^\W\d_]+(?:[_-][^\W\d_]+)*(?:/[^\W\d_]+(?:[_-][^\W\d_]+)*)*")
_LONGEST_ABBREVIATION: Final = 5
_ALIKE: Final = 0.75
"""How much of a name must be right to be a slip of the pen; Munich is no misspelt Zurich."""
_WANTED: Final = "name a place, such as Europe/Berlin, or UTC"


def zone_problem(name: str) -> str | None:
    """Say what is wrong with the name of a zone, and what to write instead; None where nothing is."""
    if name in _NEVER_CHANGE:
        place, fixed = _NEVER_CHANGE[name]
        return (
            f"{name!r} never changes to summer time, unlike most clocks that show it; name a place, such as {place}, "
            f"or {fixed} for a clock that never changes"
        )
    if name in zones():
        return None
    near = _meant(name)
    return f"{name!r} is no time zone; " + (f"did you mean {near!r}?" if near else _WANTED)


@lru_cache(maxsize=1)
def zones() -> frozenset[str]:
    """The names that are taken."""
    return frozenset(available_timezones() - _NO_ZONES - _NEVER_CHANGE.keys())


def _meant(name: str) -> str | None:
    """The place that was meant: in other letters, without its region, or with a slip of the pen; never less certain."""
    region, _, city = name.casefold().replace(" ", "_").rpartition("/")
    places = {zone.casefold(): zone for zone in sorted(zones()) if "/" in zone and not zone.startswith("Etc/")}
    places["utc"] = "UTC"
    cities, in_region = dict[str, str](), dict[str, str]()
    for folded, zone in places.items():
        cities.setdefault(folded.rpartition("/")[2], zone)
        if folded.startswith(f"{region}/"):
            in_region.setdefault(folded.rpartition("/")[2], zone)
    cities = in_region or cities
    exact = places.get(name.casefold()) or cities.get(city)
    may_be_abbreviation = not region and len(city) <= _LONGEST_ABBREVIATION
    if exact or may_be_abbreviation or not _PLACES_ONLY.fullmatch(name):
        return exact
    return next((cities[near] for near in difflib.get_close_matches(city, cities, n=1, cutoff=_ALIKE)), None)
