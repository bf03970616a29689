"""Decides how every target stands: from its backups, what is expected of them, and the time. Pure."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from datetime import timedelta
from statistics import median
from typing import Final

from fleet.audit.backups.ages import Clock, in_words
from fleet.audit.backups.matching import elsewhere_in_words
from fleet.audit.backups.target_backups import COMPARED, TargetBackups
from fleet.audit.finding import Finding, Status, muted_by
from fleet.observed.estate import Estate
from fleet.proof.completeness import is_unfinished
from fleet.proof.parts import missing_part, size_of
from fleet.proof.proof import Completion
from fleet.serveravatar.models import Backup

MAY_RUN: Final = timedelta(hours=1)
"""How long a backup may be unfinished after it began: until then the one before it counts."""


def find_targets(
    backups: Iterable[TargetBackups], estate: Estate, clock: Clock, unread: AbstractSet[int] = frozenset()
) -> list[Finding]:
    """Judge targets.

    Args:
        backups: of each target, as far back as they matter.
        estate: what their organization has.
        clock: the time.
        unread: servers whose lists could not be read: nothing counts as gone there.

    Returns:
        A finding for each target, in their order.
    """
    return [_find_target(each, estate, clock, unread) for each in backups]


def _find_target(backups: TargetBackups, estate: Estate, clock: Clock, unread: AbstractSet[int]) -> Finding:
    target = backups.target
    request = target.request
    found, reason = _judged(backups, clock)
    if gone := estate.gone(target, unread):
        found, reason = Status.GONE, f"{gone}; {_standing(found, reason)}"
    if target.problem:
        reason = f"{reason}; no run backs it up: {target.problem}"
    application = estate.applications.get(request.application_id)
    database = estate.databases.get(request.database_id or 0)
    newest_good, dated_good = next(iter(backups.good), None), backups.dated_good
    finding = Finding(
        organization=target.organization,
        server_id=target.server_id,
        server=target.server_name or estate.server_name(target.server_id),
        application_id=request.application_id,
        application=(application and application.name) or f"application {request.application_id}",
        domain=(application and application.primary_domain) or "",
        database_id=request.database_id,
        database=(database and database.name) or "",
        target=target,
        status=found,
        found=found,
        reason=reason,
        newest_good=newest_good,
        newest_good_at=clock.began(dated_good) if dated_good else None,
        size_mb=size_of(newest_good, request) if newest_good else None,
    )
    return muted_by(finding, target.expectation.muted, clock.now.date())


def _standing(found: Status, reason: str) -> str:
    return f"its newest good backup is {reason}" if found is Status.FINE else reason


def _judged(backups: TargetBackups, clock: Clock) -> tuple[Status, str]:
    """Judge by the newest backup that is not running, then by the newest good one."""
    rows, good = backups.newest_first, backups.good
    settled = [backup for backup in rows if not _still_runs(backups, backup, clock)]
    newest = settled[0].id if settled else 0
    partial = next((row for row in backups.of_other_parts if not _is_young(row, clock)), None)
    if settled and backups.proof(settled[0]).completion is not Completion.COMPLETE:
        status, reason = _unproven(settled[0], backups.proof(settled[0]).reason, good, clock)
    elif settled and _is_fresh(backups, clock):
        return _sized(backups, good, _freshness(backups, clock))
    elif partial and partial.id > newest:
        part = missing_part(partial, backups.target.request)
        status, reason = _unproven(partial, f"it holds no {part}", good, clock)
    elif settled:
        status, reason = Status.STALE, _staleness(backups, clock)
    else:
        first = f"its first backup, {rows[-1].id}, is still running" if rows else "no backup found"
        status, reason = Status.NEVER, first
    return status, f"{reason}{_elsewhere(backups, newest, clock)}"


def _still_runs(backups: TargetBackups, backup: Backup, clock: Clock) -> bool:
    age = clock.age(backup)
    return age is not None and age < MAY_RUN and backups.proof(backup).completion is Completion.PENDING


def _is_young(backup: Backup, clock: Clock) -> bool:
    age = clock.age(backup)
    return age is not None and age < MAY_RUN and is_unfinished(backup)


def _unproven(backup: Backup, why: str, good: Sequence[Backup], clock: Clock) -> tuple[Status, str]:
    before = f"the newest good one, {good[0].id}, is {clock.age_in_words(good[0])}" if good else "there is no good one"
    return Status.UNPROVEN, f"backup {backup.id}, {clock.age_in_words(backup)}: {why}; {before}"


def _is_fresh(backups: TargetBackups, clock: Clock) -> bool:
    """Whether the newest good backup is young enough; it is younger than the newest good one of known age."""
    longest = backups.target.expectation.longest_age(backups.target.request)
    age = clock.age(backups.dated_good) if backups.dated_good else None
    return age is not None and age <= longest


def _freshness(backups: TargetBackups, clock: Clock) -> str:
    newest, dated = backups.good[0], backups.dated_good or backups.good[0]
    age = clock.age_in_words(dated)
    if dated is newest:
        return age
    return f"backup {dated.id} is {age}; the newest good one, {newest.id}, is {clock.age_in_words(newest)}"


def _staleness(backups: TargetBackups, clock: Clock) -> str:
    newest, dated = backups.good[0], backups.dated_good
    longest = backups.target.expectation.longest_age(backups.target.request)
    reason = f"the newest good one, {newest.id}, is {clock.age_in_words(newest)}"
    if clock.is_ahead(newest):
        reason = f"{reason}: its age is unknown"
    if dated and dated is not newest:
        reason = f"{reason}; the one before, {dated.id}, is {clock.age_in_words(dated)}"
    return f"{reason}; the limit is {in_words(longest)}"


def _elsewhere(backups: TargetBackups, newest: int, clock: Clock) -> str:
    """Mention a newer backup in another storage, or of another database: people may take it for the missing one."""
    other = next(iter(backups.elsewhere), None)
    if other is None or other.id < newest:
        return ""
    which = "a newer one" if newest else "the newest"
    where = elsewhere_in_words(other, backups.target.request)
    return f"; {which}, backup {other.id}, {clock.age_in_words(other)}, {where}"


def _sized(backups: TargetBackups, good: Sequence[Backup], age: str) -> tuple[Status, str]:
    """Judge the size of the newest good backup, alone and against those before it."""
    request, expected = backups.target.request, backups.target.expectation
    size, *before = (size_of(backup, request) for backup in good[: COMPARED + 1])
    if expected.min_size_mb is not None and size < expected.min_size_mb:
        return Status.SHRUNK, f"backup {good[0].id} has {size:g} MB; the minimum is {expected.min_size_mb:g} MB"
    if expected.max_shrink is None:
        return Status.FINE, age
    if not before:
        return Status.FINE, f"{age}; no good one before it to compare its size with"
    usual = median(before)
    shrink = 100 * (1 - size / usual) if usual else 0.0
    if shrink <= expected.max_shrink:
        return Status.FINE, age
    of = f"the median of the {len(before)} good ones before it" if len(before) > 1 else "the good one before it"
    reason = f"backup {good[0].id} has {size:g} MB, {shrink:.0f} % less than {of} ({usual:g} MB)"
    return Status.SHRUNK, f"{reason}; the limit is {expected.max_shrink:g} %"
