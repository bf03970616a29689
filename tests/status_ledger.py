"""A ledger of a large fleet with a month behind it, made at once: for the tests of the status page, and its picture."""

import asyncio
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from fleet.ledger.days.seen import SeenTarget
from fleet.ledger.store import Ledger

DAYS: Final = 30
NIGHTLY: Final = 26 * 3600.0
_ON_A_SERVER: Final = 10


@dataclass(frozen=True, slots=True)
class Story:
    """A target, and what became of it.

    Attributes:
        target: what it is.
        outcomes: the outcome of each night's run, the oldest first; empty for a night without one.
        statuses: the status in each morning's audit.
        reason: why the last run failed for it, or what the last audit found.
        size: MB of its first good backup.
    """

    target: SeenTarget
    outcomes: Sequence[str]
    statuses: Sequence[str]
    reason: str = ""
    size: float = 5.0


def fine(number: int, *, fleet: str = "agency", automatic: bool = False) -> Story:
    """A target of which all is well."""
    server = number // _ON_A_SERVER
    target = SeenTarget(
        fleet=fleet,
        organization=5,
        server_id=100 + server,
        server=f"web-{server:04}",
        application_id=10_000 + number,
        application=f"site-{number:05}",
        domain=f"site-{number:05}.example.org",
        type="application",
        automatic=automatic,
        standing="",
        max_age=NIGHTLY,
    )
    return Story(target, ["verified"] * DAYS, ["fine"] * DAYS, size=2 + number * 7919 % 9000 / 10)


def failed(number: int, nights: int, reason: str = "disk 99 % full", outcome: str = "unmet") -> Story:
    """A target of which the last nights' runs failed."""
    story = fine(number)
    outcomes = ["verified"] * (DAYS - nights) + [outcome] * nights
    statuses = ["fine"] * (DAYS - nights + 1) + ["stale"] * (nights - 1)
    return replace(story, outcomes=outcomes, statuses=statuses, reason=reason)


def found(number: int, status: str, reason: str) -> Story:
    """A target of which the last audit found something."""
    story = fine(number)
    outcomes = [""] * DAYS if status in {"never", "uncovered"} else story.outcomes
    target = replace(story.target, type="") if status == "uncovered" else story.target
    past = [status] * DAYS if status in {"never", "uncovered", "muted"} else ["fine"] * (DAYS - 1)
    return replace(story, target=target, outcomes=outcomes, statuses=[*past, status][-DAYS:], reason=reason)


def make_ledger(file: Path, stories: Sequence[Story], now: datetime) -> str:
    """Make a ledger with a run each night at 01:30 and an audit each morning at 07:00; returns its URL."""
    url = f"sqlite:///{file}"

    async def opened() -> None:
        async with Ledger(url):
            pass

    asyncio.run(opened())
    last = now.astimezone(UTC).date()
    known = [(story, list(_days(story, last))) for story in stories]
    with closing(sqlite3.connect(file)) as connection, connection:
        _insert(connection, "target", (_target(story, days[-1], last) for story, days in known))
        _insert(connection, "target_day", (day for _, days in known for day in days))
    return url


def _insert(connection: sqlite3.Connection, table: str, rows: Any) -> None:
    rows = iter(rows)
    first = next(rows)
    names = ", ".join(first)
    values = ", ".join(f":{name}" for name in first)
    statement = f"INSERT INTO {table} ({names}) VALUES ({values})"  # noqa: S608 - names of our own columns
    connection.execute(statement, first)
    connection.executemany(statement, rows)


def _at(day: date, hour: float) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() + hour * 3600


def _days(story: Story, last: date) -> Iterator[dict[str, Any]]:
    key, good_at = story.target.key, None
    for place, (outcome, status) in enumerate(zip(story.outcomes, story.statuses, strict=True)):
        day = last - timedelta(days=DAYS - 1 - place)
        good_at = _at(day, 1.2) if outcome in {"verified", "adopted"} else good_at
        size = story.size * (1 + place * 0.01 + (place * story.target.organization % 7) * 0.01)
        bad = outcome not in {"", "verified", "adopted", "created"}
        yield {
            "target": key,
            "day": day.isoformat(),
            "outcome": outcome or None,
            "outcome_at": _at(day, 1.5) if outcome else None,
            "outcome_reason": story.reason if bad else None,
            "status": status or None,
            "status_at": _at(day, 7) if status else None,
            "status_reason": None if status in {"", "fine"} else story.reason,
            "good_at": good_at,
            "good_mb": round(size, 2) if good_at else None,
        }


def _target(story: Story, newest: dict[str, Any], last: date) -> dict[str, Any]:
    named = ("outcome", "outcome_at", "outcome_reason", "status", "status_at", "status_reason", "good_at", "good_mb")
    shown = {name: newest[name] for name in named}
    return {**story.target.identity, "current": True, "seen_at": _at(last, 7), **shown, "succeeded_at": None}
