"""What is known of one API and organization: learned from responses, kept in the ledger, used by runs and audits.

Every point may be unknown; then the vendor's example proves nothing either. Source:
docs/decisions/0019-the-dialect.md.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median_low
from typing import Final

from pydantic import BaseModel, ConfigDict

from fleet.proof.absence import Rules
from fleet.proof.known_api import KnownApi, Pattern
from fleet.proof.matching import CHANGE_OF_CLOCKS, CLOCK_TOLERANCE, Grounds

OFTEN: Final = 3
"""Equal cases that make a rule."""
SEVERAL: Final = 2
"""Plans after which it is known how soon a first backup shows: a single row may be somebody else's."""
QUARTER: Final = 900
"""Seconds: time zone offsets are multiples of a quarter of an hour."""


class Names(StrEnum):
    """Whether the list shows the name given to an instant backup."""

    UNKNOWN = "unknown"
    SHOWN = "shown"
    HIDDEN = "hidden"


class Order(StrEnum):
    """How the backup list is sorted, by id."""

    UNKNOWN = "unknown"
    NEWEST_FIRST = "newest first"
    OLDEST_FIRST = "oldest first"
    OTHER = "other"


class Dialect(BaseModel):
    """What is known of the undocumented points of one API.

    Attributes:
        names: whether the list shows the names of instant backups.
        key_digits: the fewest digits of a key that a name was seen with; 16 if whole.
        order: how the backup list is sorted.
        page_size: rows of a full page of it.
        totals: whether its pages show how many rows there are in all.
        statuses: status words, each with how backups with it were last seen: `complete`, `pending`, `bad` or `unknown`.
        sizes: whether rows that may be complete show the size of their archive.
        flags: whether rows show that they are in the storage.
        shows_status: whether rows show a status.
        zeros: whether archives show size 0, although the site has a size.
        forms: how flags, sizes, ids and timestamps are written, by kind.
        patterns: what completeness was inferred from, how often.
        offsets: seconds from when a create was sent to the timestamp of its row, the newest last.
        clock_error: seconds that the API's clock (its `Date`) is ahead of this machine's.
        shows_after: seconds after which a row was seen that an earlier look had not shown.
        shown_within: the shortest seconds from create to row that were seen.
        first_backup_after: the most seconds from when a plan was sent, or due, to when its first backup was seen.
        first_backups_seen: of how many plans a first backup was seen.
        first_backups_missed: accepted plans whose first backup never came.
        limit_headers: whether responses announce the rate limit.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    names: Names = Names.UNKNOWN
    key_digits: int = 16
    order: Order = Order.UNKNOWN
    page_size: int | None = None
    totals: bool | None = None
    statuses: dict[str, str] = {}
    sizes: bool | None = None
    flags: bool | None = None
    shows_status: bool | None = None
    zeros: bool = False
    forms: dict[str, list[str]] = {}
    patterns: dict[str, int] = {}
    offsets: list[int] = []
    clock_error: float | None = None
    shows_after: float = 0.0
    shown_within: list[float] = []
    first_backup_after: float | None = None
    first_backups_seen: int = 0
    first_backups_missed: int = 0
    limit_headers: bool | None = None

    @property
    def offset(self) -> timedelta | None:
        """How far timestamps are from UTC, the API's clock error included; None until enough rows agree."""
        newest = self.offsets[-OFTEN:]
        if len(newest) < OFTEN or max(newest) - min(newest) > QUARTER:
            return None
        return timedelta(seconds=median_low(newest))

    @property
    def zone(self) -> timedelta | None:
        """The time zone of timestamps: the offset without the clock error."""
        if self.offset is None:
            return None
        seconds = self.offset.total_seconds() - (self.clock_error or 0.0)
        return timedelta(seconds=QUARTER * round(seconds / QUARTER))

    def known_api(self, now: datetime | None) -> KnownApi:
        """What is known for judging a row."""
        return KnownApi(
            sizes=self.sizes,
            flags=self.flags,
            statuses=self.shows_status,
            zeros=self.zeros,
            patterns=frozenset(_pattern(text) for text, count in self.patterns.items() if count >= OFTEN),
            offset=self.offset,
            now=now,
        )

    def rules(self, asked: Rules) -> Rules:
        """The requested rules of the protocol, with how slow this API was seen to be."""
        return replace(
            asked,
            list_delay=self.shows_after,
            shown_within=max(self.shown_within) if len(self.shown_within) >= OFTEN else None,
            first_backup_after=self.first_backup_after if self.first_backups_seen >= SEVERAL else None,
            first_backups_missed=self.first_backups_missed,
        )

    def grounds(self, known_plans: frozenset[int] = frozenset(), *, is_fresh: bool = False) -> Grounds:
        """What is known for matching rows without a name.

        Args:
            known_plans: the ids of plans that the ledger knows.
            is_fresh: whether the time zone was learned in this run, so that clocks have not changed since.
        """
        tolerance = CLOCK_TOLERANCE if is_fresh else CLOCK_TOLERANCE + CHANGE_OF_CLOCKS
        return Grounds(self.names is Names.SHOWN, known_plans, self.offset, tolerance)


UNKNOWN: Final = Dialect()
"""An API that was not met before."""


def pattern_text(pattern: Pattern) -> str:
    """A pattern as the ledger stores it."""
    word, sized, stored = pattern
    return f"{word}|{'sizes' if sized else ''}|{'storage' if stored else ''}"


def _pattern(text: str) -> Pattern:
    word, sized, stored = text.split("|")
    return word, bool(sized), bool(stored)
