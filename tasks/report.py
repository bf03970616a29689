"""The end of a run: its report, put together, kept in the ledger, and told as the state of the flow run."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from prefect import get_run_logger
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from fleet.ledger.database.engine import LedgerError
from fleet.ledger.store import Ledger
from fleet.report import report as reports
from fleet.report.outcome import GOOD, Exit, Outcome, Result, decide
from fleet.report.report import Report
from fleet.report.summary import line
from tasks.run_context import RunContext

WITH_WARNINGS = "WithWarnings"
"""The name of the final state of a run of which some targets ended badly; Prefect takes it for completed."""


def report_of(context: RunContext, began: datetime) -> Report:
    """Put the report together; what has no end yet was cut off by an interruption.

    The context lets go of all that was found out before the report is made: each takes as much memory as the other.
    """
    results = [
        context.results.get(target.place) or context.result(target, Outcome.NOT_TRIED) for target in context.targets
    ]
    if context.halt and context.halt.exit is Exit.INTERRUPTED:
        results = [_interrupted(result, context) for result in results]
    selection = context.selection
    verdict = decide(results, context.halt, selection.unread_words)
    notes, api_changes = context.ran_beyond(), list(context.api_changes)
    context.forget()
    span = began, datetime.now(UTC)
    report = reports.build(context.run_key, span, context.client.calls, results, verdict, selection)
    report.notes, report.api_changes = notes, api_changes
    return report


def _interrupted(result: Result, context: RunContext) -> Result:
    """What was planned when the run was cut off is in doubt if its answer is missing, else as the ledger has it."""
    if result.outcome not in (Outcome.PLANNED, Outcome.NOT_TRIED):
        return result
    entry = context.entries.get(result.target.key(context.run_key))
    reason = context.halt.reason if context.halt else ""
    outcome = Outcome.NOT_TRIED
    if entry and entry.doubtful:
        outcome = Outcome.IN_DOUBT
    elif entry and entry.outcome:
        outcome = entry.outcome
    return replace(result, outcome=outcome, reason=reason, attempts=context.attempts(result.target).count)


async def recorded(report: Report, fleet: str, ledger: Ledger) -> Report:
    """Keep the report in the ledger; one that cannot be kept is told all the same, with what is wrong."""
    try:
        await ledger.record_run(fleet, report)
    except LedgerError as error:
        exit_code = max(report.exit_code, Exit.UNEXPECTED)
        return report.model_copy(update={"verdict": f"{error} ({report.verdict})", "exit_code": exit_code})
    return report


def log_problems(report: Report) -> None:
    """Write one line for each target that did not end well, and none for the others."""
    logger = get_run_logger()
    for target in report.targets:
        if target.outcome not in GOOD:
            logger.warning("%s", line(target))
    for change in report.api_changes:
        logger.warning("the API has changed: %s", change)
    for note in report.notes:
        logger.info("%s", note)


def state_of(report: Report) -> State[Any]:
    """The final state of the flow run: it tells a partial failure from a whole one, and says the verdict."""
    if report.exit_code == Exit.DONE:
        return Completed(message=report.verdict or "nothing to do: the fleet has no such backup")
    if report.exit_code == Exit.SOME_FAILED:
        return Completed(name=WITH_WARNINGS, message=report.verdict)
    return Failed(message=report.verdict)
