"""How a target stands now: what its last run and audit say of it, and how old its newest good backup is. Pure.

The page decides the second half again whenever it is looked at (`fleet/status/templates/rows.js`), so that a page that
nobody has written since last week does not show last week's ages.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from fleet.audit.finding import Status
from fleet.inventory.expectation import NIGHTLY
from fleet.ledger.days.reading import TargetState
from fleet.report.outcome import GOOD, Outcome


class Standing(StrEnum):
    """How a target stands, the gravest first. Where the audit has a word for it, it is that word."""

    UNCOVERED = "uncovered"
    NEVER = "never"
    STALE = "stale"
    GONE = "gone"
    UNPROVEN = "unproven"
    SHRUNK = "shrunk"
    FAILED = "failed"
    UNKNOWN = "unknown"
    MUTED = "muted"
    FINE = "fine"


MEANINGS: Final[Mapping[Standing, str]] = {
    Standing.UNCOVERED: "nothing in the fleet file wants it",
    Standing.NEVER: "it has no good backup",
    Standing.STALE: "its newest good backup is too old",
    Standing.GONE: "it is not where the fleet file expects it: the next backup will not be made",
    Standing.UNPROVEN: "its newest backup failed or is incomplete; the good one before it is young enough",
    Standing.SHRUNK: "its newest good backup is too small",
    Standing.FAILED: "the last run failed; its newest good backup is young enough",
    Standing.UNKNOWN: "it was accepted, but no run has proven and no audit has seen a backup of it",
    Standing.MUTED: "accepted until a date that the fleet file gives",
    Standing.FINE: "its newest good backup is as young as expected",
}
AGELESS: Final = frozenset({Standing.UNCOVERED, Standing.UNKNOWN, Standing.MUTED})
"""The age of a good backup changes nothing about these."""
_STAY: Final = frozenset({Status.UNCOVERED, Status.SHRUNK})
"""Findings that a newer backup does not settle: the next audit decides."""
_SHOWN: Final = frozenset({Status.UNCOVERED, Status.GONE, Status.UNPROVEN, Status.SHRUNK, Status.MUTED})
_ACCEPTED: Final = frozenset({Outcome.CREATED, Outcome.ADOPTED})


def grade(state: TargetState) -> Standing:
    """How a target stands, apart from the age of its newest good backup."""
    finding = open_finding(state)
    if finding in _SHOWN:
        return Standing(finding.value)
    if finding is Status.STALE and state.good_at is None:
        return Standing.STALE  # It has a good backup, whose date nobody knows.
    if _last_run_failed(state):
        return Standing.FAILED
    if state.good_at is None and state.status is None and state.outcome in _ACCEPTED:
        return Standing.UNKNOWN
    return Standing.FINE


def longest_age(state: TargetState) -> float | None:
    """How old the newest good backup may be, in seconds; None if nothing wants it, or nobody knows it of a plan yet."""
    if state.max_age is not None:
        return state.max_age
    return None if state.automatic or not state.type else NIGHTLY.total_seconds()


def is_fresh(state: TargetState, graded: Standing, now: float) -> bool:
    """Whether its newest good backup is young enough, and counts."""
    longest = longest_age(state)
    if graded in AGELESS or state.good_at is None:
        return False
    return longest is None or now <= state.good_at + longest


def standing(state: TargetState, graded: Standing, now: float) -> Standing:
    """How a target stands at a time (epoch seconds)."""
    if graded in AGELESS or is_fresh(state, graded, now):
        return graded
    if state.good_at is None and graded is not Standing.STALE:
        return Standing.NEVER
    return Standing.STALE


def reason(state: TargetState) -> str:
    """Why it is not fine, for people: what ended the last run for it, or what the last audit found."""
    finding, failed = open_finding(state), _last_run_failed(state)
    words = Outcome(state.outcome).words if state.outcome else ""
    run = f"last run: {': '.join(part for part in (words, state.outcome_reason) if part)}" if failed else ""
    audit = (state.status_reason or "") if finding not in (None, Status.FINE) else ""
    if finding in _SHOWN:
        return "; ".join(part for part in (audit, run) if part)
    return run or audit  # The age says the rest.


def open_finding(state: TargetState) -> Status | None:
    """What the last audit found, unless a later backup has settled it; None without an audit."""
    if state.status is None:
        return None
    finding = Status(state.status)
    is_settled = state.good_at is not None and state.status_at is not None and state.good_at > state.status_at
    return Status.FINE if is_settled and finding not in _STAY else finding


def _last_run_failed(state: TargetState) -> bool:
    if state.outcome is None or Outcome(state.outcome) in GOOD:
        return False
    return state.good_at is None or state.outcome_at is None or state.good_at <= state.outcome_at
