"""Whether what a look has not found is proven absent, so that it may be sent again: for instant backups and for plans.

Pure. Absence is only proven, never assumed: an instant backup is absent where the list shows names and not its own, or
shows nothing that may be it; a plan, where its first backup had to show by now. Source:
docs/decisions/0020-proven-absence.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from fleet.inventory.expectation import PERIODS
from fleet.inventory.request import start_time
from fleet.proof.verification import Evidence
from fleet.serveravatar.models import Backup

GENEROUS: Final = 26 * 3600.0
"""Seconds after a plan was due in which its first backup may show, on an API that has shown none yet: a day, and two
hours. No zone is further from UTC than 14 hours, so that holds in whatever zone a start time is read."""
GROWTH: Final = 4.0
"""Each further attempt is waited for so many times as long: the list may be slower than anybody knows."""
LONGEST_SETTLE: Final = 300.0
LONGEST_WAIT: Final = 120.0
"""Seconds that a run waits for the first backup of a plan in doubt; what takes longer is left to the next run."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look at the list has shown of one target.

    Attributes:
        rows: those that are it, more than one if it was made twice; of a plan all that it made.
        evidence: by what they were recognised; None where none were.
        words: what a person is to know of rows without a name.
        candidates: the ids of other rows without a name that may be it.
        names_shown: whether the list shows the names of instant backups.
        is_whole: whether the list was read to its end.
        shown_up_to: when the newest of this run's own was sent that the list has shown; 0 for none.
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
        """Whether the rows leave no doubt: they show the name, or that a plan has made more than one."""
        return self.evidence is Evidence.NAMED or len(self.rows) > 1


@dataclass(frozen=True, slots=True)
class Rules:
    """How the protocol behaves, in one run and towards one API.

    Attributes:
        settle_seconds: how long after an attempt the list may not show it yet.
        resend_plans: the keys of plans that are sent again although their absence is not proven.
        list_delay: seconds after which this API was seen to show a row; 0 where it was never seen to be late.
        shown_within: seconds within which this API has shown several rows; None where nobody knows.
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
        """Seconds after an attempt from which on a look counts."""
        return max(self.settle_seconds, self.list_delay * 1.5 + 1 if self.list_delay else 0.0)

    def certain_after(self, attempts: int) -> float:
        """Seconds after the last of several attempts from which on its absence counts, whatever else the list shows."""
        grown = min(self.settled_after * GROWTH ** (attempts - 1), max(LONGEST_SETTLE, self.settled_after))
        if self.shown_within is None or self.list_delay:
            return grown
        return min(grown, max(self.settled_after, self.shown_within * 1.5 + 1))

    def all_shown_after(self, attempt: "Attempt") -> float:
        """Seconds after the last of several attempts from which on the list shows what all of them have made."""
        if attempt.automatic:
            return self.settled_after + (self.first_backup_after or 0.0)
        return self.settled_after if self.list_delay else self.certain_after(attempt.count)


@dataclass(frozen=True, slots=True)
class Absence:
    """Whether something is proven absent.

    Attributes:
        is_proven: whether it is.
        reason: why not; empty where it is.
        settled_at: when a further look settles it, in epoch seconds; None where no later look does.
    """

    is_proven: bool
    reason: str = ""
    settled_at: float | None = None

    def is_worth_waiting(self, now: float) -> bool:
        """Whether this run waits for the look that settles it."""
        return self.settled_at is not None and now < self.settled_at <= now + LONGEST_WAIT


PROVEN: Final = Absence(is_proven=True)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was sent and not found.

    Attributes:
        automatic: whether it is a plan.
        count: how often it was sent.
        sent_at: when last, in epoch seconds.
        is_marked: whether it is known exactly where the list ended before it was sent.
        request: the body that was sent.
    """

    automatic: bool
    count: int
    sent_at: float
    is_marked: bool
    request: Mapping[str, Any] = field(default_factory=dict)


def absence_of(attempt: Attempt, looked: Looked, rules: Rules, now: float) -> Absence:
    """Decide whether something that a look has not found is absent.

    Args:
        attempt: what was sent.
        looked: what the look has shown.
        rules: of the run.
        now: when the look began, in epoch seconds: what came later it may not have shown.
    """
    return _of_plan(attempt, looked, rules, now) if attempt.automatic else _of_instant(attempt, looked, rules, now)


def _of_instant(attempt: Attempt, looked: Looked, rules: Rules, now: float) -> Absence:
    if looked.candidates and not looked.names_shown:
        rows = f"backup {' or '.join(map(str, looked.candidates))} may be it: the list does not show names"
        unmarked = "" if attempt.is_marked else ", and where it ended before is not known"
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
        return Absence(is_proven=False, reason="where the list of backups ended before it was sent is not known")
    if not looked.is_whole:
        return Absence(is_proven=False, reason="the list of backups was not read whole")
    if rules.first_backups_missed and rules.first_backup_after is None:
        return Absence(is_proven=False, reason="this API shows no first backup of a plan that it has accepted, either")
    by = shows_by(attempt, rules)
    if now >= by:
        return PROVEN
    return Absence(is_proven=False, reason=f"its first backup may show until {moment(by)}", settled_at=by)


def shows_by(attempt: Attempt, rules: Rules) -> float:
    """When the first backup of a plan has to show, if the plan exists; epoch seconds."""
    starts_now = not attempt.request.get("start_backup")
    if starts_now and rules.first_backup_after is not None:
        usual = rules.first_backup_after
        return attempt.sent_at + max(3 * usual, usual + 10) + rules.settled_after
    due = attempt.sent_at if starts_now else start_time(str(attempt.request["start_backup"])).timestamp()
    return max(due, attempt.sent_at) + GENEROUS


def second_shows_by(attempt: Attempt) -> float:
    """When the second backup of a plan has to show, if what was taken for its first is its own; epoch seconds."""
    starts_now = not attempt.request.get("start_backup")
    due = attempt.sent_at if starts_now else start_time(str(attempt.request["start_backup"])).timestamp()
    return max(due, attempt.sent_at) + PERIODS[attempt.request["schedule"]].total_seconds() + GENEROUS


def moment(seconds: float) -> str:
    """A time for people: `2026-11-28 17:30 UTC`."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
