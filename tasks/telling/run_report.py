"""The end of a run: its report, put together, kept in the ledger, and shown as the state of the flow run."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from prefect import get_run_logger
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from fleet.inventory.window import still_running
from fleet.ledger.database.engine import LedgerError
from fleet.ledger.store import Ledger
from fleet.report import report as reports
from fleet.report.outcome import GOOD, STARTED, Exit, Outcome, Result, Verdict, decide
from fleet.report.report import Report
from fleet.report.summary import line
from fleet.serveravatar.text import one_line
from tasks.run.entries import Entries
from tasks.run.results import Results

WITH_WARNINGS = "WithWarnings"
"""The name of the final state of a run in which some targets failed; Prefect takes it for completed."""


def report_of(run_key: str, began: datetime, calls: Mapping[str, int], results: Results, entries: Entries) -> Report:
    """Put the report together; what has not ended yet was cut off by an interruption.

    Args:
        run_key: the idempotency key of the run.
        began: when it began.
        calls: how many requests were sent, by call.
        results: how its targets stand.
        entries: what the ledger knows about them.
    """
    ended = results.all()
    if results.halt and results.halt.exit is Exit.INTERRUPTED:
        ended = [_interrupted(result, results, entries) for result in ended]
    verdict = decide(ended, results.halt, results.selection.unread_words)
    return reports.build(run_key, (began, datetime.now(UTC)), calls, ended, verdict, results.selection)


def _interrupted(result: Result, results: Results, entries: Entries) -> Result:
    """What was planned when the run was cut off is in doubt if its response is missing, else as the ledger has it."""
    if result.outcome not in (Outcome.PLANNED, Outcome.NOT_TRIED):
        return result
    entry = entries.find(result.target)
    reason = results.halt.reason if results.halt else ""
    outcome = Outcome.NOT_TRIED
    if entry and entry.doubtful:
        outcome = Outcome.IN_DOUBT
    elif entry and entry.outcome:
        outcome = entry.outcome
    return replace(result, outcome=outcome, reason=reason, attempts=results.attempts(result.target).count)


def ran_beyond_windows(
    results: Results, entries: Entries, ended_at: Mapping[str, datetime], now: datetime
) -> list[str]:
    """Say what ran beyond the end of its window, a line a window.

    Args:
        results: how the targets stand, and when they were sent.
        entries: know the targets' keys.
        ended_at: when each backup was seen to have ended, by key.
        now: the end of the run.
    """
    spans = (
        (target.window, sent_at, ended_at.get(entries.key(target)))
        for target in (result.target for result in results.settled() if result.outcome in STARTED)
        if target.window and target.request.starts_now and (sent_at := results.attempts(target).sent_at)
    )
    return still_running(spans, now)


async def recorded(report: Report, fleet: str, ledger: Ledger) -> tuple[Report, float | None]:
    """Keep the report in the ledger; if it cannot be kept, it says so and is published all the same.

    Returns:
        The report, and when it was recorded, in epoch seconds; None if it was not.
    """
    try:
        return report, await ledger.record_run(fleet, report)
    except LedgerError as error:
        exit_code = max(report.exit_code, Exit.UNEXPECTED)
        verdict = report.verdict if error.is_told_in(report.verdict) else f"{error} ({report.verdict})"
        return report.model_copy(update={"verdict": verdict, "exit_code": exit_code}), None


def log_problems(report: Report) -> None:
    """Log one line for each target that failed, and none for the others."""
    logger = get_run_logger()
    for target in report.targets:
        if target.outcome not in GOOD:
            logger.warning("%s", line(target))
    for change in report.api_changes:
        logger.warning("the API has changed: %s", change)
    for note in report.notes:
        logger.info("%s", note)


def state_of(report: Report) -> State[Any]:
    """The final state of the flow run: it distinguishes a partial failure from a whole one, and shows the verdict."""
    verdict = report.verdict or "nothing to do: the fleet has no such backup"
    return state_of_verdict(Verdict(Exit(report.exit_code), verdict))


def state_of_verdict(verdict: Verdict) -> State[Any]:
    """The same for a verdict, about one fleet or several."""
    text = one_line(verdict.text)
    if verdict.exit is Exit.DONE:
        return Completed(message=text)
    if verdict.exit is Exit.SOME_FAILED:
        return Completed(name=WITH_WARNINGS, message=text)
    return Failed(message=text)
