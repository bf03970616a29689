"""The flow `fleet_backup`: back up a fleet, and say how every target ended."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.runtime import deployment as this_deployment
from prefect.runtime import flow_run as this_flow_run
from prefect.states import Completed, Failed
from pydantic import Field

from fleet import report as reports
from fleet import settings as environment
from fleet.fault_points import FaultPoint, reach
from fleet.ledger.engine import LedgerError
from fleet.ledger.entry import Rules, proven
from fleet.ledger.groups import LostLeaseError
from fleet.ledger.store import Ledger
from fleet.outcome import GOOD, Exit, Halt, Outcome, Result, decide
from fleet.preconditions import DiskRules
from fleet.progress import listener
from fleet.run_key import run_key as choose_run_key
from fleet.serveravatar.client import Client
from fleet.serveravatar.errors import ApiUnusableError
from fleet.target import Target
from fleet.verification import Proof
from tasks.announce import announce_end, announce_start, note_report
from tasks.check import check
from tasks.create_all import create_all
from tasks.publish import publish
from tasks.run_context import RunContext
from tasks.validate import validate
from tasks.verify import verify as prove

Concurrency = Annotated[int, Field(ge=1, le=100)]
Seconds = Annotated[float, Field(gt=0)]
Percent = Annotated[float, Field(ge=0, le=100)]


def _flow_run_name() -> str:
    parameters = this_flow_run.parameters
    dry = " (dry run)" if parameters.get("dry_run") else ""
    key = f" · {parameters['run_key']}" if parameters.get("run_key") else ""
    return f"back up {Path(parameters['fleet_file']).name}{key}{dry}"


@flow(
    name="fleet_backup",
    flow_run_name=_flow_run_name,
    persist_result=False,
    on_running=[announce_start],
    on_completion=[announce_end],
    on_failure=[announce_end],
    on_crashed=[announce_end],
    on_cancellation=[announce_end],
)
async def fleet_backup(  # noqa: PLR0913, PLR0917 - each parameter is a field of Prefect's form
    fleet_file: Path,
    limit: list[str] | None = None,
    dry_run: bool = False,
    run_key: str | None = None,
    verify: bool = True,
    verify_timeout: Seconds = 3600.0,
    concurrency: Concurrency = 10,
    max_failures: Percent | None = None,
    failed_from: str | None = None,
    resend_plans: bool = False,
    update_plans: bool = False,
) -> State[Any]:
    """Back up every target of a fleet file and prove that each backup is complete.

    Args:
        fleet_file: the YAML inventory of servers and their backups.
        limit: only these servers: names, ids, tag:x, group:x; `!` in front leaves out.
        dry_run: check everything and create nothing.
        run_key: what makes two runs the same run; by default the scheduled time or the flow run's id.
        verify: wait until every backup that starts now is proven complete.
        verify_timeout: seconds after which a backup that is not complete is overdue.
        concurrency: how many requests are under way at most.
        max_failures: stop sending when more than so many percent of the creates have failed.
        failed_from: only what did not end well in this report, or in the `last` run; it continues that run.
        resend_plans: create automatic plans anew that may exist already.
        update_plans: change automatic plans that differ from the fleet file.
    """
    began = datetime.now(UTC)
    settings = environment.load()
    inventory, earlier_key = await validate(fleet_file, limit or [], failed_from, settings.ledger_url())
    run = choose_run_key(run_key or earlier_key, this_deployment.id, _scheduled_at(), str(this_flow_run.id))
    rules = Rules(settings.fleet_backup_settle_seconds, resend_plans)
    async with Client(settings.account(), concurrency, waiting=listener.get().waiting) as client:
        context = RunContext(run, client, listener.get(), rules)
        async with _ledger(context, settings, dry_run=dry_run):
            try:
                planned = await _check(context, inventory.targets, settings.disk_rules())
                if not dry_run:
                    await create_all(context, planned, max_failures, update_plans=update_plans)
                    if verify:
                        await _verify(context, verify_timeout)
            except asyncio.CancelledError:
                context.stop(Halt(Exit.INTERRUPTED, "interrupted; a run with the same key continues it"))
                report = _report(context, inventory.targets, began)
                note_report(this_flow_run.id, report)
                context.listener.finished(report)
                raise
            finally:
                await context.close()
            report = _report(context, inventory.targets, began)
            reach(FaultPoint.BEFORE_PUBLISH)
            if not dry_run:
                report = await _recorded(report, fleet_file.name, context)
    _log_problems(context.results.values())
    note_report(this_flow_run.id, report)
    await publish(report)
    context.listener.finished(report)
    return Completed(message=report.verdict) if report.exit_code == Exit.DONE else Failed(message=report.verdict)


def _scheduled_at() -> datetime | None:
    """The logical time of a run that a schedule made; None for a run by hand."""
    return this_flow_run.scheduled_start_time if "auto-scheduled" in this_flow_run.tags else None


@asynccontextmanager
async def _ledger(context: RunContext, settings: environment.Settings, *, dry_run: bool) -> AsyncIterator[None]:
    """Open the ledger before anything is sent; a dry run writes none.

    Raises:
        LedgerError: it cannot be written.
    """
    if dry_run:
        yield
        return
    async with Ledger(settings.ledger_url()) as context.ledger:
        yield


async def _check(context: RunContext, targets: Sequence[Target], rules: DiskRules) -> list[Target]:
    """What cannot be backed up is `unmet`; without an API everything is `not_tried`.

    Returns:
        The targets that can be backed up.
    """
    context.listener.phase("check", len(targets))
    try:
        problems = await check(context, targets, rules)
    except ApiUnusableError as error:
        context.stop(Halt(Exit.API_UNUSABLE, error.reason))
        for target in targets:
            context.settle(context.result(target, Outcome.NOT_TRIED, error.reason))
        return []
    for target, problem in zip(targets, problems, strict=True):
        outcome = Outcome.UNMET if problem else Outcome.PLANNED
        context.listener.advance(context.settle(context.result(target, outcome, problem or "")))
    return [target for target, problem in zip(targets, problems, strict=True) if not problem]


async def _verify(context: RunContext, seconds: float) -> None:
    """Prove the backups that were started; a plan that starts later stays `created`."""
    accepted = [result.target for result in context.results.values() if _is_to_be_proven(result, context)]
    if not accepted:
        return
    context.listener.phase("verify", len(accepted))
    proofs = await prove(len(accepted), accepted, context, seconds)
    found = [(target, proof) for target in accepted if (proof := proofs.get(context.entry(target).key)) is not None]
    await asyncio.gather(*(_record_proof(target, proof, context) for target, proof in found))
    reach(FaultPoint.AFTER_PROOF)


async def _record_proof(target: Target, proof: Proof, context: RunContext) -> None:
    result = context.settle(context.results[target.place].proven(proof))
    try:
        await context.save(proven(context.entry(target), result.outcome, proof))
    except LostLeaseError:
        return  # Another run of the key acts on it and records it itself.
    except LedgerError as error:
        context.stop(Halt(Exit.UNEXPECTED, str(error)))  # What was proven is told all the same.


async def _recorded(report: reports.Report, fleet: str, context: RunContext) -> reports.Report:
    """Keep the report in the ledger; one that cannot be kept is told all the same, with what is wrong."""
    try:
        await context.ledger.record_run(context.run_key, fleet, report.model_dump(mode="json"))
    except LedgerError as error:
        exit_code = max(report.exit_code, Exit.UNEXPECTED)
        return report.model_copy(update={"verdict": f"{error} ({report.verdict})", "exit_code": exit_code})
    return report


def _is_to_be_proven(result: Result, context: RunContext) -> bool:
    request = result.target.request
    if result.outcome not in (Outcome.CREATED, Outcome.ADOPTED, Outcome.UNVERIFIED) or not request.starts_now:
        return False
    # Of a plan that was there already the backups are no concern of this run, but for one that was never seen complete.
    is_new = context.attempts(result.target).acted or result.outcome is Outcome.UNVERIFIED
    return is_new or not request.automatic_backup


def _report(context: RunContext, targets: Sequence[Target], began: datetime) -> reports.Report:
    """Put the report together; what has no end yet was cut off by an interruption."""
    results = [context.results.get(target.place) or context.result(target, Outcome.NOT_TRIED) for target in targets]
    if context.halt and context.halt.exit is Exit.INTERRUPTED:
        results = [_interrupted(result, context) for result in results]
    verdict = decide(results, context.halt)
    return reports.build(context.run_key, (began, datetime.now(UTC)), context.client.calls, results, verdict)


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


def _log_problems(results: Iterable[Result]) -> None:
    logger = get_run_logger()
    for result in results:
        if result.outcome not in GOOD:
            logger.warning("%s · %s: %s: %s", result.server, result.application, result.outcome, result.reason)
