"""Judging whether every target is backed up as it should be: pure, from its backups, what is expected, and the time."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from datetime import timedelta
from statistics import median
from typing import Final

from fleet.audit.evidence import COMPARED, Evidence
from fleet.audit.finding import Finding, Status, muted_by
from fleet.observed.estate import Estate
from fleet.proof.ages import Clock, in_words
from fleet.proof.serving import elsewhere_in_words, is_unfinished, missing_part, size_of
from fleet.proof.verification import Completion
from fleet.serveravatar.models import Backup

UNDER_WAY: Final = timedelta(hours=1)
"""A backup that began less than so long ago may be unfinished: the one before it counts."""


def find_targets(
    evidence: Iterable[Evidence], estate: Estate, clock: Clock, unread: AbstractSet[int] = frozenset()
) -> list[Finding]:
    """Judge targets.

    Args:
        evidence: their backups, as far back as they matter.
        estate: what their organization has.
        clock: the time.
        unread: servers whose lists could not be read: what is missing there is not gone.

    Returns:
        A finding for each, in their order.
    """
    return [_find_target(each, estate, clock, unread) for each in evidence]


def _find_target(evidence: Evidence, estate: Estate, clock: Clock, unread: AbstractSet[int]) -> Finding:
    target = evidence.target
    request = target.request
    found, reason = _judged(evidence, clock)
    if gone := estate.gone(target, unread):
        found, reason = Status.GONE, f"{gone}; {_standing(found, reason)}"
    if target.problem:
        reason = f"{reason}; no run backs it up: {target.problem}"
    application = estate.applications.get(request.application_id)
    database = estate.databases.get(request.database_id or 0)
    newest_good, dated_good = next(iter(evidence.good), None), evidence.dated_good
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


def _judged(evidence: Evidence, clock: Clock) -> tuple[Status, str]:
    """Judge by the newest backup that is not just under way, then by the newest good one."""
    backups, good = evidence.newest_first, evidence.good
    settled = [backup for backup in backups if not _is_under_way(evidence, backup, clock)]
    newest = settled[0].id if settled else 0
    partial = next((row for row in evidence.of_other_parts if not _is_young(row, clock)), None)
    if settled and evidence.proof(settled[0]).completion is not Completion.COMPLETE:
        status, reason = _unproven(settled[0], evidence.proof(settled[0]).reason, good, clock)
    elif settled and _is_fresh(evidence, clock):
        return _sized(evidence, good, _freshness(evidence, clock))
    elif partial and partial.id > newest:
        part = missing_part(partial, evidence.target.request)
        status, reason = _unproven(partial, f"it holds no {part}", good, clock)
    elif settled:
        status, reason = Status.STALE, _staleness(evidence, clock)
    else:
        first = f"its first backup, {backups[-1].id}, is still under way" if backups else "no backup found"
        status, reason = Status.NEVER, first
    return status, f"{reason}{_elsewhere(evidence, newest, clock)}"


def _is_under_way(evidence: Evidence, backup: Backup, clock: Clock) -> bool:
    age = clock.age(backup)
    return age is not None and age < UNDER_WAY and evidence.proof(backup).completion is Completion.PENDING


def _is_young(backup: Backup, clock: Clock) -> bool:
    age = clock.age(backup)
    return age is not None and age < UNDER_WAY and is_unfinished(backup)


def _unproven(backup: Backup, why: str, good: Sequence[Backup], clock: Clock) -> tuple[Status, str]:
    before = f"the newest good one, {good[0].id}, is {clock.age_in_words(good[0])}" if good else "there is no good one"
    return Status.UNPROVEN, f"backup {backup.id}, {clock.age_in_words(backup)}: {why}; {before}"


def _is_fresh(evidence: Evidence, clock: Clock) -> bool:
    """Whether the newest good backup is young enough; it is younger than the next that has a usable date."""
    longest = evidence.target.expectation.longest_age(evidence.target.request)
    age = clock.age(evidence.dated_good) if evidence.dated_good else None
    return age is not None and age <= longest


def _freshness(evidence: Evidence, clock: Clock) -> str:
    newest, dated = evidence.good[0], evidence.dated_good or evidence.good[0]
    age = clock.age_in_words(dated)
    if dated is newest:
        return age
    return f"backup {dated.id} is {age}; the newest good one, {newest.id}, is {clock.age_in_words(newest)}"


def _staleness(evidence: Evidence, clock: Clock) -> str:
    newest, dated = evidence.good[0], evidence.dated_good
    longest = evidence.target.expectation.longest_age(evidence.target.request)
    reason = f"the newest good one, {newest.id}, is {clock.age_in_words(newest)}"
    if clock.is_ahead(newest):
        reason = f"{reason}: its age is not known"
    if dated and dated is not newest:
        reason = f"{reason}; the one before, {dated.id}, is {clock.age_in_words(dated)}"
    return f"{reason}; {in_words(longest)} is the most"


def _elsewhere(evidence: Evidence, newest: int, clock: Clock) -> str:
    """Tell of a newer backup in another storage, or of another database: it is what people take for the one missing."""
    other = next(iter(evidence.elsewhere), None)
    if other is None or other.id < newest:
        return ""
    which = "a newer one" if newest else "the newest"
    where = elsewhere_in_words(other, evidence.target.request)
    return f"; {which}, backup {other.id}, {clock.age_in_words(other)}, {where}"


def _sized(evidence: Evidence, good: Sequence[Backup], age: str) -> tuple[Status, str]:
    """Judge the size of the newest good backup, by itself and beside those before it."""
    request, expected = evidence.target.request, evidence.target.expectation
    size, *before = (size_of(backup, request) for backup in good[: COMPARED + 1])
    if expected.min_size_mb is not None and size < expected.min_size_mb:
        return Status.SHRUNK, f"backup {good[0].id} has {size:g} MB; {expected.min_size_mb:g} MB is the least"
    if expected.max_shrink is None:
        return Status.FINE, age
    if not before:
        return Status.FINE, f"{age}; there is no good one before it to compare its size with"
    usual = median(before)
    shrink = 100 * (1 - size / usual) if usual else 0.0
    if shrink <= expected.max_shrink:
        return Status.FINE, age
    of = f"the median of the {len(before)} good ones before it" if len(before) > 1 else "the good one before it"
    reason = f"backup {good[0].id} has {size:g} MB, {shrink:.0f} % less than {of} ({usual:g} MB)"
    return Status.SHRUNK, f"{reason}; {expected.max_shrink:g} % is the most"
