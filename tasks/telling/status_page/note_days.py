"""Notes in the ledger how each target of a run ended, for the status page."""

from collections.abc import Mapping
from typing import Final

from fleet.ledger.days.from_report import Known, seen_in, worst_of
from fleet.ledger.days.noting import NotedRun, note_run
from fleet.ledger.days.seen import fleet_name
from fleet.ledger.store import Ledger
from fleet.report.outcome import Exit, Outcome
from fleet.report.report import Report, Subject, reported
from tasks.run.entries import Entries
from tasks.run.results import Results

NOTE_SECONDS: Final = 60.0
"""Longest wait for it: 10,000 targets take a second, and PostgreSQL far away may take ten."""


def known_of(results: Results, entries: Entries, *, verified: bool) -> dict[Subject, Known]:
    """What a run knows of its targets beside its report.

    Args:
        results: how they ended.
        entries: when they were sent.
        verified: whether the run has waited until they were proven.
    """
    known = []
    for result in results.settled():
        request, entry = result.target.request, entries.find(result.target)
        # A plan that existed already does not make its backups now: only audits see them.
        adopted = result.outcome is Outcome.ADOPTED and verified and not request.automatic_backup
        is_proven = request.starts_now and (adopted or result.outcome is Outcome.VERIFIED)
        max_age = result.target.expectation.longest_age(request).total_seconds()
        sent_at = entry.sent_at if entry else None
        known.append((reported(result).subject, Known(max_age, sent_at, is_proven)))
    return worst_of(known)


async def note_days(
    ledger: Ledger, fleet: str, report: Report, ended_at: float, known: Mapping[Subject, Known]
) -> None:
    """Note a run whose report is recorded; one that was interrupted has no time, so the next run notes it.

    Args:
        ledger: open.
        fleet: the name of the fleet file.
        report: of the run.
        ended_at: when it was recorded, in epoch seconds.
        known: what else the run knows of its targets.

    Raises:
        LedgerError: the ledger cannot be written; the next run notes it.
    """
    if report.exit_code != Exit.INTERRUPTED:
        await note_run(ledger.transact, NotedRun(report, ended_at, seen_in(report, fleet_name(fleet), known)))
