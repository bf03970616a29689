"""What an API shows otherwise than before: a warning of runs and audits. What was not known before is no change."""

from collections.abc import Mapping
from typing import Final

from fleet.dialect.dialect import Dialect, Names, Order
from fleet.proof.status_words import Speech, speech_of

_POINTS: Final[Mapping[str, tuple[str, str]]] = {
    "sizes": ("shows the sizes of archives again", "no longer shows the sizes of archives"),
    "flags": ("shows again what lies in the storage", "no longer shows what lies in the storage"),
    "shows_status": ("shows the status of backups again", "no longer shows the status of backups"),
    "totals": ("tells again how many backups there are", "no longer tells how many backups there are"),
}


def changes(before: Dialect, after: Dialect) -> list[str]:
    """Say of each point that was known and is otherwise now what has changed, a line each.

    Args:
        before: as it was known.
        after: as it was seen since.
    """
    lines = []
    if Names.UNKNOWN is not before.names is not after.names:
        shows = "shows the names of instant backups now" if after.names is Names.SHOWN else _NO_NAMES
        lines.append(f"the list {shows}")
    if Order.UNKNOWN is not before.order is not after.order:
        lines.append(f"the list of backups was {_in(before.order)}, and is {_in(after.order)}")
    for point, (gained, lost) in _POINTS.items():
        was, is_now = getattr(before, point), getattr(after, point)
        if None not in (was, is_now) and was != is_now:
            lines.append(f"the list {gained if is_now else lost}")
    if None is not before.zone != after.zone is not None:
        lines.append(f"its stamps were {_zone(before)}, and are {_zone(after)}: its zone or its clock has changed")
    unknown = (word for word in after.statuses if speech_of(word) is Speech.NOTHING)
    new = sorted(word for word in unknown if before.statuses and word not in before.statuses)
    lines += [f"it shows a new word of status: {word!r}" for word in new]
    return lines


_NO_NAMES: Final = "no longer shows the names of instant backups: they are recognised by what they are of"


def _in(order: Order) -> str:
    return "in no order" if order is Order.OTHER else str(order)


def _zone(dialect: Dialect) -> str:
    seconds = dialect.zone.total_seconds() if dialect.zone else 0.0
    minutes = round(abs(seconds) / 60)
    return f"UTC{'-' if seconds < 0 else '+'}{minutes // 60:02}:{minutes % 60:02}"
