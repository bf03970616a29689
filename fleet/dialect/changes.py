"""How an API has changed since earlier runs: a warning in runs and audits. What was unknown before is no change."""

from collections.abc import Mapping
from typing import Final

from fleet.dialect.clock import utc_offset
from fleet.dialect.dialect import Dialect, Names, Order
from fleet.proof.status_words import StatusMeaning, meaning_of

_POINTS: Final[Mapping[str, tuple[str, str]]] = {
    "sizes": ("shows the sizes of archives again", "no longer shows the sizes of archives"),
    "flags": ("shows again what lies in the storage", "no longer shows what lies in the storage"),
    "shows_status": ("shows the status of backups again", "no longer shows the status of backups"),
    "totals": ("shows again how many backups there are", "no longer shows how many backups there are"),
}


def changes(before: Dialect, after: Dialect) -> list[str]:
    """Describe each known point that has changed, a line each.

    Args:
        before: what was known.
        after: what was seen since.
    """
    lines = []
    if Names.UNKNOWN is not before.names is not after.names:
        shows = "shows the names of instant backups now" if after.names is Names.SHOWN else _NO_NAMES
        lines.append(f"the list {shows}")
    if Order.UNKNOWN is not before.order is not after.order:
        lines.append(f"the backup list was {_in(before.order)}, and is {_in(after.order)}")
    for point, (gained, lost) in _POINTS.items():
        was, is_now = getattr(before, point), getattr(after, point)
        if None not in (was, is_now) and was != is_now:
            lines.append(f"the list {gained if is_now else lost}")
    if None is not before.zone != after.zone is not None:
        were, are = utc_offset(before.zone), utc_offset(after.zone)
        lines.append(f"its times were {were}, and are {are}: its time zone or its clock has changed")
    unknown = (word for word in after.statuses if meaning_of(word) is StatusMeaning.UNKNOWN)
    new = sorted(word for word in unknown if before.statuses and word not in before.statuses)
    lines += [f"it shows a new status word: {word!r}" for word in new]
    return lines


_NO_NAMES: Final = "no longer shows the names of instant backups: they are recognised by what they hold, and when"


def _in(order: Order) -> str:
    return "in no order" if order is Order.OTHER else str(order)
