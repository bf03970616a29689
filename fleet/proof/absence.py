"""Whether a backup that a look has not found is proven absent, so that it may be sent again. Pure.

Absence is proven, never assumed. An instant backup is absent if the list shows names but not its own, or shows nothing
that may be it; a plan is absent if its first backup should have shown by now. Source:
docs/decisions/0020-proven-absence.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from fleet.inventory.expectation import PERIODS
from fleet.inventory.request import start_time
from fleet.proof.proof import Evidence
from fleet.serveravatar.models import Backup

GENEROUS: Final = 26 * 3600.0
"""Seconds after a plan was due within which its first backup may show, on an API that has shown none yet: a day and two
hours. No time zone is further from UTC than 14 hours, so this holds whatever zone a start time is read in."""
GROWTH: Final = 4.0
"""Factor by which each further attempt is waited for longer: the list may be slower than known."""
LONGEST_SETTLE: Final = 300.0
"""Seconds that this growth stops at."""
LONGEST_WAIT: Final = 120.0
"""Most seconds that a run waits for a plan in doubt to show its first backup; the next run does the rest."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look has shown of one target.

    Attributes:
        rows: those that are it: more than one if it was made twice; of a plan, all that it made.
        evidence: how they were recognised; None if there are none.
        words: what a person should know of rows without a name.
        candidates: the ids of other rows without a name that may be it.
        names_shown: whether the list shows the names of instant backups.
        is_whole: whether the list was read to its end.
        shown_up_to: when the newest backup of this run that the list has shown was sent; 0 for none.
    """

    rows: Sequence[Backup] = ()
    evidence: Evidence | None = None
    words: str = ""
    candidates: tuple[int, ...] = ()
    names_shown: bool = False
    is_whole: bool = True
    shown_up_to: float = 0.0

    @property
    def is_sure(self) -> bool:
        """Whether the rows leave no doubt: they show the name, or more than one backup of a plan."""
        return self.evidence is Evidence.NAMED or len(self.rows) > 1


@dataclass(frozen=True, slots=True)
class Rules:
    """How the protocol behaves, in one run and towards one API.

    Attributes:
        settle_seconds: for how long after an attempt the list may not show it yet.
        resend_plans: the keys of plans that are sent again even if their absence is not proven.
        list_delay: seconds after which this API was seen to show a row late; 0 if never.
        shown_within: seconds within which this API has shown several rows; None if unknown.
        first_backup_after: seconds after which this API has shown the first backup of a plan that started at once.
        first_backups_missed: how many accepted plans have shown none.
    """

    settle_seconds: float = 5.0
    resend_plans: frozenset[str] = frozenset()
    list_delay: float = 0.0
    shown_within: float | None = None
    first_backup_after: float | None = None
    first_backups_missed: int = 0

    @property
    def settled_after(self) -> float:
        """Seconds after an attempt before a look counts."""
        return max(self.settle_seconds, self.list_delay * 1.5 + 1 if self.list_delay else 0.0)

    def certain_after(self, attempts: int) -> float:
        """Seconds after the last of several attempts before its absence counts, whatever else the list shows."""
        grown = min(self.settled_after * GROWTH ** (attempts - 1), max(LONGEST_SETTLE, self.settled_after))
        if self.shown_within is None or self.list_delay:
            return grown
        return min(grown, max(self.settled_after, self.shown_within * 1.5 + 1))

    def all_shown_after(self, attempt: "Attempt") -> float:
        """Seconds after the last of several attempts before the list shows what all of them have made."""
        if attempt.automatic:
            return self.settled_after + (self.first_backup_after or 0.0)
        return self.settled_after if self.list_delay else self.certain_after(attempt.count)


@dataclass(frozen=True, slots=True)
class Absence:
    """Whether something is proven absent.

    Attributes:
        is_proven: whether it is.
        reason: why not; empty if it is.
        settled_at: when another look settles it, in epoch seconds; None if no later look can.
    """

    is_proven: bool
    reason: str = ""
    settled_at: float | None = None

    def is_worth_waiting(self, now: float) -> bool:
        """Whether this run should wait for the look that settles it."""
        return self.settled_at is not None and now < self.settled_at <= now + LONGEST_WAIT


PROVEN: Final = Absence(is_proven=True)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was sent and not found.

    Attributes:
        automatic: whether it is a plan.
        count: how often it was sent.
        sent_at: when it was last sent, in epoch seconds.
        is_marked: whether the exact end of the list before it was sent is known.
        request: the body that was sent.
    """

    automatic: bool
    count: int
    sent_at: float
    is_marked: bool
    request: Mapping[str, Any] = field(default_factory=dict)


def absence_of(attempt: Attempt, looked: Looked, rules: Rules, now: float) -> Absence:
    """Decide whether a backup that a look has not found is absent.

    Args:
        attempt: what was sent.
        looked: what the look has shown.
        rules: of the run.
        now: when the look began, in epoch seconds: it may not show what came later.
    """
    return _of_plan(attempt, looked, rules, now) if attempt.automatic else _of_instant(attempt, looked, rules, now)


def _of_instant(attempt: Attempt, looked: Looked, rules: Rules, now: float) -> Absence:
    if looked.candidates and not looked.names_shown:
        rows = f"backup {' or '.join(map(str, looked.candidates))} may be it: the list does not show names"
        unmarked = "" if attempt.is_marked else ", and it is unknown where the list ended before"
        return Absence(is_proven=False, reason=f"{rows}{unmarked}")
    certain_at = attempt.sent_at + rules.certain_after(attempt.count)
    if attempt.count > 1 and looked.shown_up_to < attempt.sent_at and now < certain_at:
        return Absence(is_proven=False, reason="the list may not show it yet", settled_at=certain_at)
    return PROVEN


def _of_plan(attempt: Attempt, looked: Looked, rules: Rules, now: float) -> Absence:
    if looked.rows or looked.candidates:
        ids = ", ".join(map(str, [row.id for row in looked.rows] or looked.candidates))
        return Absence(is_proven=False, reason=f"backup {ids} may be its first")
    if not attempt.is_marked:
        return Absence(is_proven=False, reason="it is unknown where the backup list ended before it was sent")
    if not looked.is_whole:
        return Absence(is_proven=False, reason="the backup list was not read to its end")
    if rules.first_backups_missed and rules.first_backup_after is None:
        return Absence(is_proven=False, reason="this API has shown no first backup of an accepted plan either")
    by = shows_by(attempt, rules)
    if now >= by:
        return PROVEN
    return Absence(is_proven=False, reason=f"its first backup may show until {moment(by)}", settled_at=by)


def shows_by(attempt: Attempt, rules: Rules) -> float:
    """By when the first backup of a plan must show, if the plan exists; epoch seconds."""
    starts_now = not attempt.request.get("start_backup")
    if starts_now and rules.first_backup_after is not None:
        usual = rules.first_backup_after
        return attempt.sent_at + max(3 * usual, usual + 10) + rules.settled_after
    due = attempt.sent_at if starts_now else start_time(str(attempt.request["start_backup"])).timestamp()
    return max(due, attempt.sent_at) + GENEROUS


def second_shows_by(attempt: Attempt) -> float:
    """By when the second backup of a plan must show, if its assumed first backup is its own; epoch seconds."""
    starts_now = not attempt.request.get("start_backup")
    due = attempt.sent_at if starts_now else start_time(str(attempt.request["start_backup"])).timestamp()
    return max(due, attempt.sent_at) + PERIODS[attempt.request["schedule"]].total_seconds() + GENEROUS


def moment(seconds: float) -> str:
    """A time for people: `2026-11-28 17:30 UTC`."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
