"""Judging whether every target is backed up as it should be: pure, from its backups, what is expected, and the time."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Final

from fleet.estate import Estate
from fleet.evidence import COMPARED, Evidence, size_of
from fleet.finding import Finding, Status, muted_by
from fleet.serveravatar.models import Backup
from fleet.verification import Completion, judge

UNDER_WAY: Final = timedelta(hours=1)
"""A backup that began less than so long ago may be unfinished: the one before it counts."""


def find_targets(evidence: Iterable[Evidence], estate: Estate, now: datetime) -> list[Finding]:
    """Judge targets.

    Args:
        evidence: their backups, as far back as they matter.
        estate: what their organization has.
        now: the time.

    Returns:
        A finding for each, in their order.
    """
    return [_find_target(each, estate, now) for each in evidence]


def _find_target(evidence: Evidence, estate: Estate, now: datetime) -> Finding:
    target = evidence.target
    request = target.request
    found, reason = _judged(evidence, now)
    if request.application_id not in estate.applications:
        reason = f"{reason}; the panel lists no application {request.application_id}"
    if target.problem:
        reason = f"{reason}; no run backs it up: {target.problem}"
    application = estate.applications.get(request.application_id)
    database = estate.databases.get(request.database_id or 0)
    newest_good = next(iter(evidence.good), None)
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
        size_mb=size_of(newest_good, request) if newest_good else None,
    )
    return muted_by(finding, target.expectation.muted, now.date())


def _judged(evidence: Evidence, now: datetime) -> tuple[Status, str]:
    """Judge by the newest backup that is not just under way, then by the newest good one."""
    backups, good = evidence.newest_first, evidence.good
    settled = [backup for backup in backups if not _is_under_way(evidence, backup, now)]
    if not settled:
        if not backups:
            return Status.NEVER, "the list of backups holds none of it"
        return Status.NEVER, f"its first backup, {backups[-1].id}, is still under way"
    newest = settled[0]
    proof = judge(newest, evidence.target.request)
    if proof.completion is not Completion.COMPLETE:
        before = f"the newest good one, {good[0].id}, is {_age(good[0], now)}" if good else "there is no good one"
        return Status.UNPROVEN, f"backup {newest.id}, {_age(newest, now)}: {proof.reason}; {before}"
    longest = evidence.target.expectation.longest_age(evidence.target.request)
    if newest.created_at is None or now - newest.created_at > longest:
        reason = f"the newest good one, {newest.id}, is {_age(newest, now)}; {in_words(longest)} is the most"
        return Status.STALE, reason
    return _sized(evidence, good, _age(newest, now))


def _is_under_way(evidence: Evidence, backup: Backup, now: datetime) -> bool:
    pending = judge(backup, evidence.target.request).completion is Completion.PENDING
    return pending and backup.created_at is not None and now - backup.created_at < UNDER_WAY


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
    shrink = 100 * (1 - size / usual)
    if shrink <= expected.max_shrink:
        return Status.FINE, age
    of = f"the median of the {len(before)} good ones before it" if len(before) > 1 else "the good one before it"
    reason = f"backup {good[0].id} has {size:g} MB, {shrink:.0f} % less than {of} ({usual:g} MB)"
    return Status.SHRUNK, f"{reason}; {expected.max_shrink:g} % is the most"


def _age(backup: Backup, now: datetime) -> str:
    if backup.created_at is None:
        return "of unknown age"
    return f"{in_words(max(timedelta(), now - backup.created_at))} old"


def in_words(span: timedelta) -> str:
    """For example `3 d 4 h`, `26 h 5 min` or `12 min`."""
    minutes = int(span.total_seconds()) // 60
    hours = minutes // 60
    if hours >= 48:  # noqa: PLR2004 - two days
        whole, rest, units = hours // 24, hours % 24, ("d", "h")
    elif hours:
        whole, rest, units = hours, minutes % 60, ("h", "min")
    else:
        whole, rest, units = minutes, 0, ("min", "")
    return f"{whole} {units[0]}" + (f" {rest} {units[1]}" if rest else "")
