"""Notes in the ledger what an audit has found of each target, for the status page (`fleet.ledger.days`)."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from fleet.audit.finding import Audit, Finding, Status
from fleet.ledger.database.engine import LedgerError
from fleet.ledger.database.transaction import opened, transacted
from fleet.ledger.days.noting import note_audit
from fleet.ledger.days.seen import SeenTarget

_ORDER: Final = {status: place for place, status in enumerate(Status)}


async def note_findings(url: str, fleet: str, at: datetime, audit: Audit, warn: Callable[[str], None]) -> None:
    """Note the findings of an audit; an unusable ledger causes a warning, not a failure.

    Args:
        url: of the ledger.
        fleet: the fleet's name.
        at: when the audit began.
        audit: its findings.
        warn: called if the ledger cannot be used.
    """
    whole = audit.selection.scope == "all" and not audit.unread
    seen = seen_by_audit(fleet, audit.findings)
    if not seen:
        return
    try:
        async with opened(url) as engine:
            await note_audit(partial(transacted, engine), at, seen, whole=whole)
    except LedgerError as error:
        warn(f"the status page will not show this audit: {error}")


def seen_by_audit(fleet: str, findings: Sequence[Finding]) -> list[SeenTarget]:
    """What the ledger keeps of findings: each target once, with its gravest finding."""
    gravest: dict[str, tuple[Finding, SeenTarget]] = {}
    for finding in findings:
        seen = _seen(fleet, finding)
        other = gravest.get(seen.key)
        if other is None or _ORDER[finding.status] < _ORDER[other[0].status]:
            gravest[seen.key] = finding, seen
    return [seen for _, seen in gravest.values()]


def _seen(fleet: str, finding: Finding) -> SeenTarget:
    target = finding.target
    request = target.request if target else None
    return SeenTarget(
        fleet=fleet,
        organization=finding.organization,
        server_id=finding.server_id,
        server=finding.server,
        application_id=finding.application_id,
        application=finding.application,
        domain=finding.domain,
        database_id=finding.database_id,
        database=finding.database,
        type=str(request.type) if request else "",
        automatic=bool(request and request.automatic_backup),
        standing=finding.status.value,
        reason="" if finding.status is Status.FINE else finding.reason,
        max_age=target.expectation.longest_age(target.request).total_seconds() if target else None,
        good_at=finding.newest_good_at,
        good_mb=finding.size_mb,
    )
