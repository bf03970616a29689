"""A row of the page: one target with everything that does not depend on when the page is looked at."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from fleet.audit.backups.ages import in_words
from fleet.ledger.days.reading import TargetState
from fleet.status.standing import Standing, grade, is_fresh, longest_age, reason, standing

_ORDER: Final = {each: place for place, each in enumerate(Standing)}


@dataclass(frozen=True, slots=True)
class Row:
    """A target of the page.

    Attributes:
        state: as the ledger has it.
        grade: how it stands apart from the age of its backup.
        site: the number of its site; other targets of the same application have the same.
    """

    state: TargetState
    grade: Standing
    site: int

    def standing(self, now: float) -> Standing:
        """How it stands at a time (epoch seconds)."""
        return standing(self.state, self.grade, now)

    def is_fresh(self, now: float) -> bool:
        """Whether it has a good backup that is young enough."""
        return is_fresh(self.state, self.grade, now)

    @property
    def name(self) -> str:
        """What it is called: its application, or its database where no application is known."""
        return self.state.application or self.state.database or f"database {self.state.database_id}"

    @property
    def kind(self) -> str:
        """What is backed up, as far as it is not the usual; a plan is named as one."""
        kinds = [self.state.type] if self.state.type not in ("", "application") else []
        return ", ".join([*kinds, *(["plan"] if self.state.automatic else [])])

    @property
    def limit(self) -> int:
        """How old its newest good backup may be, in seconds; 0 if that is not known."""
        return round(longest_age(self.state) or 0)

    @property
    def limit_words(self) -> str:
        """The same for people."""
        return in_words(timedelta(seconds=self.limit)) if self.limit else ""

    @property
    def reason(self) -> str:
        """Why it is not fine."""
        return reason(self.state)


def arranged(states: Iterable[TargetState], now: float) -> list[Row]:
    """The rows of a page, problems first, and of equal ones the oldest backup."""
    wanted = list(states)
    covered = {thing for state in wanted if state.type for thing in _things(state)}
    sites: dict[Any, int] = {}
    rows = []
    for state in wanted:
        if not state.type and not covered.isdisjoint(_things(state)):
            continue  # Another fleet file wants it, or a run has covered it since the audit.
        site = (state.fleet, state.organization, state.server_id, state.application_id or f"db {state.database_id}")
        rows.append(Row(state, grade(state), sites.setdefault(site, len(sites))))
    return sorted(rows, key=lambda row: _place(row, now))


def _things(state: TargetState) -> set[tuple[object, ...]]:
    """What a target backs up, whichever fleet file asks for it: its application, and its database."""
    things = ("application", state.application_id), ("database", state.database_id)
    # What nothing wants is one of them; the database of an application is named for people only.
    wanted = things if state.type else things[:1] if state.application_id else things[1:]
    return {(state.organization, *thing) for thing in wanted if thing[1]}


def _place(row: Row, now: float) -> tuple[object, ...]:
    state = row.state
    return _ORDER[row.standing(now)], state.good_at or 0.0, state.fleet, state.server, row.name, state.key
