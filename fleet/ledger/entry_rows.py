"""An entry as a row of the ledger's table, and back."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from fleet.ledger.entry import Entry
from fleet.proof.proof import Evidence
from fleet.proof.sought import Mark
from fleet.report.outcome import Outcome
from fleet.serveravatar.text import well_formed


@dataclass(frozen=True, slots=True)
class Subject:
    """What an entry backs up, for the history."""

    organization: int
    server_id: int
    server: str
    application_id: int
    application: str


def columns(entry: Entry) -> dict[str, Any]:
    """The columns of an entry that change with it."""
    return {
        "key": entry.key,
        "run_key": entry.run_key,
        "automatic": entry.automatic,
        "attempts": entry.attempts,
        "doubtful": entry.doubtful,
        "sent_at": entry.sent_at,
        "backup_before": entry.before.backup,
        "plan_before": entry.before.plan,
        "outcome": entry.outcome.value if entry.outcome else None,
        "reason": well_formed(entry.reason),
        "backup_id": entry.backup_id,
        "plan_id": entry.plan_id,
        "request": dict(entry.request),
        "looked": entry.looked,
        "broken": entry.broken,
        "mark_exact": entry.before.exact,
        "evidence": entry.evidence.value if entry.evidence else None,
    }


def subject_columns(subject: Subject) -> dict[str, Any]:
    """The columns that show what an entry backs up."""
    return {
        "organization": subject.organization,
        "server_id": subject.server_id,
        "server": well_formed(subject.server),
        "application_id": subject.application_id,
        "application": well_formed(subject.application),
    }


def entry_of(row: sa.Row[Any]) -> Entry:
    """The entry in a row."""
    return Entry(
        key=row.key,
        run_key=row.run_key,
        automatic=row.automatic,
        attempts=row.attempts,
        doubtful=row.doubtful,
        sent_at=row.sent_at,
        before=Mark(row.backup_before, row.plan_before, row.mark_exact),
        outcome=Outcome(row.outcome) if row.outcome else None,
        reason=row.reason,
        backup_id=row.backup_id,
        plan_id=row.plan_id,
        request=row.request,
        looked=row.looked,
        broken=row.broken,
        evidence=Evidence(row.evidence) if row.evidence else None,
    )


def subject_of(row: sa.Row[Any]) -> Subject:
    """What the entry of a row backs up."""
    return Subject(row.organization, row.server_id, row.server, row.application_id, row.application)
