"""What the report of a run shows of its targets, for their rows and those of the day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from fleet.ledger.days.seen import SeenTarget
from fleet.report.outcome import Outcome
from fleet.report.report import Report, ReportedTarget, Subject

SUCCESS: Final = frozenset({Outcome.CREATED, Outcome.ADOPTED, Outcome.VERIFIED})
_WORST_FIRST: Final = {outcome: place for place, outcome in enumerate(Outcome)}


@dataclass(frozen=True, slots=True)
class Known:
    """What a run knows of a target beside its report.

    Attributes:
        max_age: how old its newest good backup may be, in seconds.
        sent_at: when the create was sent, in epoch seconds; None if it was not.
        is_proven: whether the run has seen its backup complete.
    """

    max_age: float
    sent_at: float | None
    is_proven: bool


def seen_in(report: Report, fleet: str, known: Mapping[Subject, Known] | None = None) -> list[SeenTarget]:
    """Read the targets of a report, each once: of several with one subject, the one that ended worst.

    Args:
        report: of a run.
        fleet: the name of its fleet.
        known: what else the run knows of them; None of an old run. The backup of an old run is then as old as its run.
    """
    worst: dict[Subject, ReportedTarget] = {}
    for target in report.targets:
        if target.outcome is Outcome.PLANNED:
            continue
        other = worst.get(target.subject)
        if other is None or _WORST_FIRST[target.outcome] < _WORST_FIRST[other.outcome]:
            worst[target.subject] = target
    return [_seen(target, report, fleet, known) for target in worst.values()]


def worst_of(known: Iterable[tuple[Subject, Known]]) -> dict[Subject, Known]:
    """Of several targets with one subject: the shortest age, the oldest backup, and only proven if all are."""
    merged: dict[Subject, Known] = {}
    for subject, each in known:
        other = merged.get(subject, each)
        sent = [at for at in (each.sent_at, other.sent_at) if at is not None]
        is_proven = each.is_proven and other.is_proven
        merged[subject] = Known(min(each.max_age, other.max_age), min(sent, default=None), is_proven)
    return merged


def _seen(target: ReportedTarget, report: Report, fleet: str, known: Mapping[Subject, Known] | None) -> SeenTarget:
    beside = known.get(target.subject) if known is not None else _of_old(target, report)
    good_at = beside.sent_at if beside and beside.is_proven else None
    return SeenTarget(
        fleet=fleet,
        organization=target.organization,
        server_id=target.server_id,
        server=target.server,
        application_id=target.application_id,
        application=target.application,
        domain=target.domain,
        database_id=target.database_id,
        type=str(target.type),
        automatic=target.automatic_backup,
        standing=target.outcome.value,
        reason=target.reason,
        max_age=beside.max_age if beside and known is not None else None,
        good_at=datetime.fromtimestamp(good_at, UTC) if good_at is not None else None,
        succeeded=target.outcome in SUCCESS,
    )


def _of_old(target: ReportedTarget, report: Report) -> Known:
    """What a run before it kept its days has shown: it sent what it verified itself."""
    is_proven = target.outcome is Outcome.VERIFIED and target.attempts > 0
    return Known(0.0, report.started_at.timestamp(), is_proven)
