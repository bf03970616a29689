"""What becomes of a target's row, and of the row of its day, when a run or an audit is noted; one statement each.

All of it can be written twice and in any order: a value is only replaced by a later or a better one.
"""

from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa

from fleet.ledger.database.upsert import Columns
from fleet.report.outcome import Outcome

_RANKS: Final = {Outcome.VERIFIED.value: 3, Outcome.ADOPTED.value: 2, Outcome.CREATED.value: 1}
"""Of the outcomes of a day the highest stands; all others are failures, of which the last stands."""
_SHOWN: Final = ("server", "application", "domain", "database", "current", "seen_at")
Column = sa.ColumnElement[Any]
Merged = Mapping[str, Column]


def target_after_run(old: Columns, new: Columns) -> Merged:
    """The row of a target that a run has covered; what an audit knows of its size stays."""
    outcome = dict.fromkeys(("outcome", "outcome_at", "outcome_reason"), _is_later(old, new, "outcome_at"))
    newer = {name: _is_later(old, new, name) for name in ("good_at", "succeeded_at")}
    return _after(old, new, {**outcome, **newer})


def target_after_audit(old: Columns, new: Columns) -> Merged:
    """The row of a target that an audit has covered; it corrects what a run before it has claimed of its backups."""
    return _after(old, new, _audited(old, new))


def day_after_run(old: Columns, new: Columns) -> Merged:
    """The row of a day on which a run has ended: the best outcome of the day stands, of equal ones the last."""
    rank, before = _rank(new["outcome"]), _rank(old["outcome"])
    is_better = sa.or_(rank > before, sa.and_(rank == before, _is_later(old, new, "outcome_at")))
    outcome = dict.fromkeys(("outcome", "outcome_at", "outcome_reason"), is_better)
    return _chosen(old, new, {**outcome, "good_at": _is_later(old, new, "good_at")})


def day_after_audit(old: Columns, new: Columns) -> Merged:
    """The row of a day on which an audit has ended: the last one stands."""
    return _chosen(old, new, _audited(old, new))


def _after(old: Columns, new: Columns, choices: Mapping[str, Column]) -> Merged:
    is_later = _is_later(old, new, "seen_at")
    shown = _chosen(old, new, dict.fromkeys(_SHOWN, is_later))
    max_age = sa.case((is_later, sa.func.coalesce(new["max_age"], old["max_age"])), else_=old["max_age"])
    return {**shown, **_chosen(old, new, choices), "max_age": max_age}


def _audited(old: Columns, new: Columns) -> dict[str, Column]:
    """An audit is right about every backup that is older than itself."""
    is_later = _is_later(old, new, "status_at")
    knows = sa.and_(is_later, sa.func.coalesce(old["good_at"], 0) <= new["status_at"])
    status = dict.fromkeys(("status", "status_at", "status_reason", "good_mb"), is_later)
    return {**status, "good_at": knows}


def _chosen(old: Columns, new: Columns, choices: Mapping[str, Column]) -> dict[str, Column]:
    """The new value of a column where its condition holds, otherwise the old one."""
    return {name: sa.case((holds, new[name]), else_=old[name]) for name, holds in choices.items()}


def _is_later(old: Columns, new: Columns, name: str) -> Column:
    return new[name] >= sa.func.coalesce(old[name], 0)


def _rank(outcome: Column) -> Column:
    ranks = [(outcome == name, rank) for name, rank in _RANKS.items()]
    return sa.case((outcome.is_(None), -1), *ranks, else_=0)
