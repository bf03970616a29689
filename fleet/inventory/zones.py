"""Time zones as people write them: which are accepted, and what to write instead of others. Names are IANA's.

Abbreviations are ambiguous: IST is used in India, in Ireland and in Israel. So none is ever suggested, and EST and MST,
which IANA lists, are refused: they never change to summer time, unlike the clocks people usually mean
(docs/decisions/0018-caps-and-windows.md).
"""

import difflib
import re
from functools import lru_cache
from typing import Final
from zoneinfo import available_timezones

_NO_ZONES: Final = frozenset({"localtime", "Factory"})
"""Listed as zones, but unusable: the first differs between machines."""
_NEVER_CHANGE: Final = {"EST": ("America/New_York", "Etc/GMT+5"), "MST": ("America/Denver", "Etc/GMT+7")}
"""An hour off in summer for most people who write them; each with the place they mean, and its exact equivalent."""
_PLACES_ONLY: Final = re.compile(r"[^\W\d_]+(?:[_-][^\W\d_]+)*(?:/[^\W\d_]+(?:[_-][^\W\d_]+)*)*")
_LONGEST_ABBREVIATION: Final = 5
_ALIKE: Final = 0.75
"""How similar two names must be for a typo; Munich is not a misspelt Zurich."""
_WANTED: Final = "name a place, such as Europe/Berlin, or UTC"


def zone_problem(name: str) -> str | None:
    """What is wrong with the name of a zone, and what to write instead; None if nothing is."""
    if name in _NEVER_CHANGE:
        place, fixed = _NEVER_CHANGE[name]
        return (
            f"{name!r} never changes to summer time, unlike most clocks that show it; name a place, such as {place}, "
            f"or {fixed} for a clock that never changes"
        )
    if name in zones():
        return None
    near = _meant(name)
    return f"{name!r} is not a time zone; " + (f"did you mean {near!r}?" if near else _WANTED)


@lru_cache(maxsize=1)
def zones() -> frozenset[str]:
    """The accepted names."""
    return frozenset(available_timezones() - _NO_ZONES - _NEVER_CHANGE.keys())


def _meant(name: str) -> str | None:
    """The place that was meant: in another case, without its region, or with a typo; never a guess."""
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
