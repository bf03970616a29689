"""The days of a target as letters: one for each day, and the sizes of its backups as another. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from fleet.audit.finding import Status
from fleet.ledger.days.reading import Day
from fleet.report.outcome import GOOD, Outcome

NOTHING: Final = "."
CELLS: Final[Mapping[str, tuple[str, str]]] = {
    "v": ("✓", "verified"),
    "a": ("=", "already existed"),
    "c": ("c", "accepted, not proven"),
    "f": ("✗", "run failed"),
    "x": ("!", "audit found a problem"),
    "m": ("m", "muted"),
    "o": ("o", "fine in the audit"),
    NOTHING: ("·", "no run or audit"),
}
"""By letter: the sign that is shown, and its words."""
_OF_OUTCOMES: Final = {Outcome.VERIFIED: "v", Outcome.ADOPTED: "a", Outcome.CREATED: "c", Outcome.PLANNED: NOTHING}
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


def letter(day: Day) -> str:
    """What stood on a day. An audit's finding counts if no run has made a good backup since."""
    outcome = Outcome(day.outcome) if day.outcome else None
    status = Status(day.status) if day.status else None
    is_good = outcome is not None and outcome in GOOD
    is_audit_later = (day.status_at or 0.0) >= (day.outcome_at or 0.0)
    if status not in (None, Status.FINE, Status.MUTED) and (is_audit_later or not is_good):
        return "x" if outcome is None or is_good else "f"
    if status is Status.MUTED and not is_good:
        return "m"
    if outcome is None:
        return "o" if status is Status.FINE else NOTHING
    # A plan exists already on each day but its first: whether it made its backup shows in the audit alone.
    return "o" if outcome is Outcome.ADOPTED and status is Status.FINE else _OF_OUTCOMES.get(outcome, "f")


def strip(days: Iterable[Day], first: date, count: int) -> str:
    """A letter for each of some days from `first` on."""
    letters = {(day.day - first).days: letter(day) for day in days}
    return "".join(letters.get(number, NOTHING) for number in range(count))


def sizes(days: Sequence[Day], first: date, count: int) -> str:
    """The size on each day as a digit to the base of 36, relative to the largest of them."""
    shown = {(day.day - first).days: day.good_mb for day in days if day.good_mb is not None}
    largest = max((size for number, size in shown.items() if 0 <= number < count), default=0.0)
    return "".join(_digit(shown.get(number), largest) for number in range(count)).rstrip(NOTHING)


def first_of(last: date, count: int) -> date:
    """The first of some days, of which `last` is the last."""
    return last - timedelta(days=count - 1)


def _digit(size: float | None, largest: float) -> str:
    if size is None:
        return NOTHING
    return _DIGITS[round((len(_DIGITS) - 1) * size / largest)] if largest > 0 else _DIGITS[0]
