"""The rows of a page as compact JSON: a column is a list, a text that repeats is a number. Pure.

Ten thousand targets have to fit into a page that opens at once; one object for each would take four times as much.
"""

import base64
import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from fleet.ledger.days.reading import Day
from fleet.status.cells import letter
from fleet.status.row import Row
from fleet.status.standing import Standing

_LETTERS: Final = {each: chr(ord("a") + place) for place, each in enumerate(Standing)}
_LONGEST_NAME: Final = 120
"""Characters of a name that are shown."""


def encoded(value: object) -> str:
    """JSON that is safe within a script: nothing in it ends the script or starts a comment."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def columns(rows: Sequence[Row], strips: Sequence[str], written: int) -> dict[str, Any]:
    """The columns of all rows, in their order.

    Args:
        rows: of the page.
        strips: the days of each as letters.
        written: when the page is written, in epoch seconds; times are minutes before it.
    """
    fleets, places = _Numbers(), _Numbers()
    kinds, limits, shown = _Numbers(), _Numbers(), _Numbers()
    server = [places.of(_place(row, fleets)) for row in rows]
    site = [row.site for row in rows]
    return {
        "server": server,
        "site": site if len(set(site)) < len(site) else None,
        "name": "\n".join(cut(row.name) for row in rows),
        "domain": "\n".join(_domain(row) for row in rows),
        "kind": _unless_equal([kinds.of(row.kind) for row in rows]),
        "good": [_minutes(row.state.good_at, written) for row in rows],
        "mb": [_megabytes(row.state.good_mb) for row in rows],
        "limit": _unless_equal([limits.of([row.limit, row.limit_words]) for row in rows]),
        "grade": "".join(_LETTERS[row.grade] for row in rows),
        "strip": [shown.of(strip) for strip in strips],
        "key": "".join(short_key(row) for row in rows),
        "reason": {str(number): cut(row.reason, 300) for number, row in enumerate(rows) if row.reason},
        "fleets": fleets.values,
        "servers": places.values,
        "kinds": kinds.values,
        "limits": limits.values,
        "strips": shown.values,
    }


def history(row: Row, days: Iterable[Day]) -> list[Any]:
    """One target of a history file: what it is, and its days as lists; absent values at the end are left out."""
    state = row.state
    ids = [state.organization, state.server_id, state.application_id, state.database_id, cut(state.database)]
    return [*ids, [_day(day) for day in days]]


def short_key(row: Row) -> str:
    """Eight letters that name a target in the page's address, also in the pages of other days."""
    return base64.urlsafe_b64encode(bytes.fromhex(row.state.key)[:6]).decode()


def cut(text: str, most: int = _LONGEST_NAME) -> str:
    """A text that is not too long to be shown."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


class _Numbers:
    """Gives each value a number, the same for equal ones."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._known: dict[str, int] = {}

    def of(self, value: Any) -> int:  # noqa: ANN401 - whatever JSON can hold
        number = self._known.setdefault(repr(value), len(self.values))
        if number == len(self.values):
            self.values.append(value)
        return number


def _place(row: Row, fleets: _Numbers) -> list[Any]:
    state = row.state
    return [fleets.of(cut(state.fleet)), state.organization, state.server_id or 0, cut(state.server)]


def _domain(row: Row) -> str:
    """The domain; `~` stands for the name that it often begins with."""
    domain, name = cut(row.state.domain), cut(row.name)
    if domain.startswith("~"):
        return f" {domain}"
    return f"~{domain.removeprefix(name)}" if domain and domain.startswith(name) else domain


def _unless_equal(numbers: list[int]) -> list[int] | int:
    """One number for all rows, if it is the same."""
    return numbers[0] if numbers and len(set(numbers)) == 1 else numbers


def _minutes(at: float | None, written: int) -> int | None:
    """Rounded so that a backup never looks younger than it is."""
    return None if at is None else -int(-(written - at) // 60)


def _megabytes(size: float | None) -> float | int | None:
    if size is None:
        return None
    return round(size) if size >= 100 else round(size, 2)  # noqa: PLR2004 - three digits are enough


def _day(day: Day) -> list[Any]:
    values: list[Any] = [day.day.isoformat(), letter(day), day.outcome, _seconds(day.outcome_at), day.outcome_reason]
    values += [day.status, _seconds(day.status_at), day.status_reason, _seconds(day.good_at), _megabytes(day.good_mb)]
    while values and values[-1] is None:
        values.pop()
    return values


def _seconds(at: float | None) -> int | None:
    return None if at is None else int(at)
