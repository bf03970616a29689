"""The files of the status page, made part by part so that the history of a large fleet is never in memory. Pure.

`index.html` holds everything but what is looked at one target at a time: the histories lie beside it in files of a few
hundred targets, and the sizes in one, which the page loads once it is shown. All of it works from a folder, without a
server: a script may load a script there, but nothing else.
"""

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from importlib.resources import files
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from fleet.ledger.days.reading import Day, TargetState
from fleet.status.cells import CELLS, NOTHING, first_of, sizes, strip
from fleet.status.encoding import columns, cut, encoded, history
from fleet.status.headline import headline
from fleet.status.row import Row, arranged
from fleet.status.standing import MEANINGS, Standing

STRIP: Final = 30
"""Days of the strip."""
_A_FILE: Final = 100
"""Targets of a history file."""
_LISTED: Final = 200
"""Problems that are listed for those whose browser runs no script."""
GENERATOR: Final = "fleet-backup status page"
"""By this a folder is known to hold a page that may be replaced."""


@dataclass(slots=True)
class Page:
    """A page that is being made: each part is handed its days, then the index is complete.

    Attributes:
        rows: of the page, problems first.
        now: when it is made.
        folder: the name of the folder of its other files.
        days: how many days of history a target has; the strip has 30.
    """

    rows: Sequence[Row]
    now: datetime
    folder: str
    days: int = STRIP
    _strips: list[str] = field(default_factory=list)
    _sizes: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, states: Sequence[TargetState], now: datetime, days: int = STRIP) -> "Page":
        """Begin a page of these targets."""
        at = now.astimezone(UTC)
        return cls(arranged(states, now.timestamp()), at, f"data-{at:%Y%m%dT%H%M%S%f}", days)

    @property
    def first(self) -> date:
        """The first day of the history."""
        return first_of(self.now.date(), self.days)

    def parts(self) -> Iterator[Sequence[Row]]:
        """The rows of each history file."""
        for start in range(0, len(self.rows), _A_FILE):
            yield self.rows[start : start + _A_FILE]

    def history(self, number: int, rows: Sequence[Row], days: Mapping[str, Sequence[Day]]) -> tuple[str, str]:
        """A history file, its name and its text; the parts are made in their order.

        Args:
            number: of the part, from 0.
            rows: of the part.
            days: of its targets, by key, the oldest first.
        """
        first = first_of(self.now.date(), STRIP)
        known = [days.get(row.state.key, ()) for row in rows]
        self._strips += [strip(each, first, STRIP) for each in known]
        self._sizes += [sizes(each, first, STRIP) for each in known]
        name = f"history-{number}.js"
        return name, _script(name, [history(row, each) for row, each in zip(rows, known, strict=True)])

    def sizes(self) -> tuple[str, str]:
        """The file of all sizes, once all parts are made."""
        return "sizes.js", _script("sizes.js", "\n".join(self._sizes))

    def index(self) -> str:
        """The page itself, once all parts are made."""
        style, script = _inline("page.css"), _inline("rows.js") + _inline("page.js")
        at, now = int(self.now.timestamp()), self.now.timestamp()
        shown = headline(self.rows, now)
        page = {
            "written": at,
            "first": first_of(self.now.date(), STRIP).isoformat(),
            "folder": self.folder,
            "part": _A_FILE,
            "days": self.days,
            "standings": [[each.value, MEANINGS[each]] for each in Standing],
            "cells": {letter: list(words) for letter, words in CELLS.items()},
            **columns(self.rows, self._strips, at),
        }
        problems = [row for row in self.rows if row.standing(now) not in (Standing.FINE, Standing.MUTED)]
        return _ENVIRONMENT.get_template("page.html").render(
            generator=GENERATOR,
            style=style,
            style_hash=_hash(style),
            script=script,
            script_hash=_hash(script),
            rows=encoded(page),
            headline=shown,
            written=f"{self.now:%Y-%m-%d %H:%M} UTC",
            problems=[_listed(row, now) for row in problems[:_LISTED]],
            more=max(0, len(problems) - _LISTED),
            letters=[("none" if letter == NOTHING else letter, words) for letter, words in CELLS.items()],
            meanings=MEANINGS,
        )


_ENVIRONMENT: Final = Environment(
    loader=PackageLoader("fleet.status"),
    autoescape=select_autoescape(default=True, default_for_string=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def _inline(name: str) -> str:
    return files("fleet.status").joinpath("templates", name).read_text("utf-8")


def _script(name: str, value: object) -> str:
    return f"fleetBackup({encoded(name)},{encoded(value)})\n"


def _hash(text: str) -> str:
    """As a content security policy names an inline script."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _listed(row: Row, now: float) -> tuple[str, str, str, str]:
    return row.standing(now).value, cut(row.state.server), cut(row.name), row.reason
