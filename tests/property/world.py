"""A world for the protocol: an API in memory that speaks any dialect, with people and plans beside us, in virtual time.

What it holds is the truth that the product's words are measured by. It knows of each backup whose create made it, which
the list never tells.
"""

import asyncio
import heapq
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from math import inf
from typing import Any, Final

from fleet.inventory.request import BackupRequest
from fleet.inventory.target import Target
from fleet.serveravatar.catalogue import Meaning
from fleet.serveravatar.wire import Request
from sandbox.answers.pages import PageOf, laravel_page
from sandbox.dialects.dialect import Dialect
from sandbox.dialects.spoken import speak_backup

BASE: Final = datetime(2026, 3, 2, 10, tzinfo=UTC).timestamp()
"""Epoch seconds at which the loop's clock is 0."""
LATENCY: Final = 0.05
DAY: Final = timedelta(days=1).total_seconds()
MEGABYTE: Final = 1024 * 1024


@dataclass(frozen=True)
class Fault:
    """What becomes of one create.

    Attributes:
        applied: whether the work is done.
        meaning: of the answer, or of its absence.
        seconds: until the answer, or until it is given up.
    """

    applied: bool = True
    meaning: Meaning = Meaning.ACCEPTED
    seconds: float = 0.1


WELL: Final = Fault()


@dataclass(frozen=True)
class Stranger:
    """A backup, or a plan, that somebody else makes of one of our applications.

    Attributes:
        at: seconds after the beginning; below 0: before we came.
        request: what it is of.
        name: that its person gave it.
        seconds: until it ends.
        fails: whether it fails.
        deleted_after: seconds until it is deleted; None: never.
        expires_after: seconds until it expires.
    """

    at: float
    request: BackupRequest
    name: str | None = None
    seconds: float = 5.0
    fails: bool = False
    deleted_after: float | None = None
    expires_after: float = 30 * DAY


@dataclass
class Row:
    """A backup as it truly is; `key` says whose create, or plan, has made it: none of ours where it is empty."""

    id: int
    plan: int
    key: str
    stranger: Stranger
    made_at: float
    shows_at: float

    @property
    def ends_at(self) -> float:
        return self.made_at + self.stranger.seconds

    @property
    def gone_at(self) -> float:
        """When it is deleted or expires."""
        return min(self.expires_at, self.deleted_at)

    @property
    def expires_at(self) -> float:
        return self.made_at + self.stranger.expires_after

    @property
    def deleted_at(self) -> float:
        """When it is deleted; never: the end of time."""
        return inf if self.stranger.deleted_after is None else self.made_at + self.stranger.deleted_after

    def was_complete(self, since: float, now: float, spared: float = 0.0) -> bool:
        """Whether it was complete at some moment between two, if an expiry that was `spared` seconds ago is none."""
        is_there = self.deleted_at > since and self.expires_at > since - spared
        return not self.stranger.fails and self.ends_at <= now and is_there

    def written(self, now: float, dialect: Dialect) -> dict[str, Any]:
        """The row in the list, in a dialect."""
        request, done = self.stranger.request, self.ends_at <= now and not self.stranger.fails
        files = 4 * MEGABYTE + self.id if request.wants_application else 0
        dump = MEGABYTE + self.id if request.wants_database else 0
        status = "Completed" if done else "Failed" if self.ends_at <= now else "In Progress"
        row = {
            "id": self.id,
            "backup_config_id": self.plan,
            "organization_id": 5,
            "server_id": 15,
            "cloud_storage_provider_id": request.cloud_storage_provider_id,
            "application_id": request.application_id,
            "database_id": request.database_id,
            "application_extension": request.application_extension if files else None,
            "database_extension": request.database_extension if dump else None,
            "application_size": files * done,
            "database_size": dump * done,
            "total_application_size": 3 * files,
            "total_database_size": 3 * dump,
            "status": status,
            "application_available_in_cloudstorage": int(bool(files) and done),
            "database_available_in_cloudstorage": int(bool(dump) and done),
            "expires_at": self.expires_at + dialect.clock_error,
            "created_at": self.made_at + dialect.clock_error,
            "deleted_at": self.deleted_at + dialect.clock_error if self.deleted_at <= now else None,
            "application": {"id": request.application_id, "name": "shop"},
            "backup_configuration": {"id": self.plan, "name": self.stranger.name},
        }
        return speak_backup(row, dialect)


@dataclass
class Plan:
    """A plan as it truly is; `key` as in `Row`."""

    id: int
    key: str
    stranger: Stranger
    made_at: float


@dataclass
class World:
    """The API, its backups and its plans."""

    dialect: Dialect
    faults: list[Fault] = field(default_factory=list)
    ends: list[tuple[float, bool]] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    pages_read: int = 0

    def __post_init__(self) -> None:
        self._upcoming: list[tuple[float, int, Callable[[float], None]]] = []
        self._numbers, self._ids = count(), count(101)

    @property
    def now(self) -> float:
        """Epoch seconds, by everybody's clock but the API's own."""
        return BASE + asyncio.get_running_loop().time()

    def come(self, strangers: Iterable[Stranger]) -> None:
        """Let others do something at their time."""
        for each in strangers:
            self._at(BASE + each.at, partial(self._come, each))

    def _come(self, stranger: Stranger, at: float) -> None:
        if stranger.request.automatic_backup:
            self._plan(stranger, "", at)
        else:
            self._back_up(stranger, "", next(self._ids), at)

    def _at(self, moment: float, happens: Callable[[float], None]) -> None:
        heapq.heappush(self._upcoming, (moment, next(self._numbers), happens))

    def happen(self) -> float:
        """Let all happen that is due, in its order; return the time."""
        now = self.now
        while self._upcoming and self._upcoming[0][0] <= now:
            moment, _, happens = heapq.heappop(self._upcoming)
            happens(moment)
        return now

    def _back_up(self, stranger: Stranger, key: str, plan: int, at: float) -> None:
        self.rows.append(Row(next(self._ids), plan, key, stranger, at, at + self.dialect.shows_after))

    def _plan(self, stranger: Stranger, key: str, at: float) -> None:
        plan = Plan(next(self._ids), key, stranger, at)
        self.plans.append(plan)
        if self.dialect.first_backup_after is not None:
            self._at(at + self.dialect.first_backup_after, partial(self._run, plan))

    def _run(self, plan: Plan, at: float) -> None:
        self._back_up(plan.stranger, plan.key, plan.id, at)
        self._at(at + DAY, partial(self._run, plan))

    async def create(self, target: Target, key: str, name: str | None) -> Meaning:
        """Take a create on as the next fault has it."""
        fault = self.faults.pop(0) if self.faults else WELL
        await asyncio.sleep(LATENCY)
        now = self.happen()
        meaning = fault.meaning
        if fault.applied:
            seconds, fails = self.ends.pop(0) if self.ends else (5.0, False)
            stranger = Stranger(now, target.request, name, seconds, fails)
            if not target.request.automatic_backup:
                self._back_up(stranger, key, next(self._ids), now)
            elif self.dialect.duplicate_plans == "accepted" or not self.plans_of(key):
                self._plan(stranger, key, now)
            elif self.dialect.duplicate_plans == "refused" and meaning is Meaning.ACCEPTED:
                meaning = Meaning.REFUSED
        await asyncio.sleep(fault.seconds)
        return meaning

    async def send(self, request: Request) -> Mapping[str, Any]:
        """The list of backups, a page at a time."""
        await asyncio.sleep(LATENCY)
        now, dialect = self.happen(), self.dialect
        self.pages_read += 1
        shown = [row for row in self.rows if row.shows_at <= now and self._is_listed(row, now)]
        shown.sort(key=lambda row: row.id * 2654435761 % 2**32 if dialect.order == "shuffled" else row.id)
        if dialect.order == "newest":
            shown.reverse()
        page = PageOf(request.query["page"], dialect.page_size)
        rows = [row.written(now, dialect) for row in shown[page.offset : page.offset + page.size]]
        return laravel_page(rows, len(shown), page, "http://127.0.0.1/backups", dialect.totals)

    def _is_listed(self, row: Row, now: float) -> bool:
        if row.gone_at > now:
            return True
        return self.dialect.shows_deleted if row.deleted_at <= now else self.dialect.shows_expired

    def row(self, number: int | None) -> Row | None:
        """The backup with an id."""
        return next((row for row in self.rows if row.id == number), None)

    def rows_of(self, key: str) -> list[Row]:
        """The backups that were made for a key."""
        return [row for row in self.rows if row.key == key]

    def plans_of(self, key: str) -> list[Plan]:
        """The plans that were made for a key."""
        return [plan for plan in self.plans if plan.key == key]
