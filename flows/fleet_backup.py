"""The flow `fleet_backup`: back up a fleet, and say how every target ended."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.runtime import deployment as this_deployment
from prefect.runtime import flow_run as this_flow_run
from prefect.states import Completed, Failed
from pydantic import Field

from fleet import report as reports
from fleet import settings as environment
from fleet.outcome import GOOD, Exit, Outcome, Result, decide
from fleet.preconditions import DiskRules
from fleet.progress import listener
from fleet.run_key import run_key as choose_run_key
from fleet.serveravatar.client import Client
from fleet.serveravatar.errors import ApiError, ApiUnusableError
from fleet.target import Target
from tasks.check import check
from tasks.create import create_one
from tasks.publish import publish
from tasks.run_context import RunContext
from tasks.validate import validate
from tasks.verify import verify as prove

Concurrency = Annotated[int, Field(ge=1, le=100)]
Seconds = Annotated[float, Field(gt=0)]


def _flow_run_name() -> str:
    parameters = this_flow_run.parameters
    dry = " (dry run)" if parameters.get("dry_run") else ""
    return f"back up {Path(parameters['fleet_file']).name}{dry}"


@flow(name="fleet_backup", flow_run_name=_flow_run_name, persist_result=False)
async def fleet_backup(  # noqa: PLR0913, PLR0917 - each parameter is a field of Prefect's form
    fleet_file: Path,
    limit: list[str] | None = None,
    dry_run: bool = False,
    run_key: str | None = None,
    verify: bool = True,
    verify_timeout: Seconds = 3600.0,
    concurrency: Concurrency = 10,
) -> State[None]:
    """Back up every target of a fleet file and prove that each backup is complete.

    Args:
        fleet_file: the YAML inventory of servers and their backups.
        limit: only these servers: names, ids, tag:x, group:x; `!` in front leaves out.
        dry_run: check everything and create nothing.
        run_key: what makes two runs the same run; by default the scheduled time or the flow run's id.
        verify: wait until every instant backup is proven complete.
        verify_timeout: seconds after which a backup that is not complete is overdue.
        concurrency: how many requests are under way at most.
    """
    began = datetime.now(UTC)
    inventory = await validate(fleet_file, limit or [])
    settings = environment.load()
    run = choose_run_key(run_key, this_deployment.id, _scheduled_at(), str(this_flow_run.id))
    async with Client(settings.account(), concurrency, waiting=listener.get().waiting) as client:
        context = RunContext(run, client, listener.get())
        results = await _check(context, inventory.targets, settings.disk_rules())
        if not dry_run:
            results = await _create(context, results)
            results = await _verify(context, results, verify_timeout) if verify else results
    verdict = decide(results, context.api_problem)
    report = reports.build(run, (began, datetime.now(UTC)), client.calls, results, verdict)
    _log_problems(results)
    await publish(report)
    context.listener.finished(report)
    return Completed(message=verdict.text) if verdict.exit is Exit.DONE else Failed(message=verdict.text)


def _scheduled_at() -> datetime | None:
    """The logical time of a run that a schedule made; None for a run by hand."""
    return this_flow_run.scheduled_start_time if "auto-scheduled" in this_flow_run.tags else None


async def _check(context: RunContext, targets: Sequence[Target], rules: DiskRules) -> list[Result]:
    """What can be backed up is `planned`, what cannot is `unmet`; without an API everything is `not_tried`."""
    context.listener.phase("check", len(targets))
    problems: Sequence[str | None]
    try:
        problems, ready = await check(context, targets, rules), Outcome.PLANNED
    except ApiUnusableError as error:
        context.api_problem = error.reason
        problems, ready = [None] * len(targets), Outcome.NOT_TRIED
    results = [
        context.result(target, Outcome.UNMET if problem else ready, problem or context.api_problem or "")
        for target, problem in zip(targets, problems, strict=True)
    ]
    for result in results if not context.api_problem else ():
        context.listener.advance(result)
    return results


async def _create(context: RunContext, results: list[Result]) -> list[Result]:
    """Create what is planned, all at once: the client paces the requests."""
    planned = [result.target for result in results if result.outcome is Outcome.PLANNED]
    context.listener.phase("create", len(planned))
    await _mark(context, {target.organization for target in planned})

    async def one(planned: Result) -> Result:
        if planned.outcome is not Outcome.PLANNED:
            return planned
        result = await create_one(planned.target, context)
        context.listener.advance(result)
        return result

    return await asyncio.gather(*map(one, results))


async def _mark(context: RunContext, organizations: set[int]) -> None:
    """Note where the lists of backups end now; without that they are only read further back than needed."""
    for organization in organizations:
        try:
            await context.backups_of(organization).mark()
        except (ApiError, ApiUnusableError) as error:
            get_run_logger().warning("the list of backups could not be read before the run: %s", error)


async def _verify(context: RunContext, results: list[Result], seconds: float) -> list[Result]:
    """Prove the backups that were started; a plan that starts later stays `created`."""
    accepted = [
        result.target
        for result in results
        if result.outcome in (Outcome.CREATED, Outcome.ADOPTED) and result.target.request.starts_now
    ]
    if not accepted:
        return results
    context.listener.phase("verify", len(accepted))
    proofs = await prove(len(accepted), accepted, context, seconds)
    return [result.proven(proofs.get(result.target.key(context.run_key))) for result in results]


def _log_problems(results: Sequence[Result]) -> None:
    logger = get_run_logger()
    for result in results:
        if result.outcome not in GOOD:
            logger.warning("%s · %s: %s: %s", result.server, result.application, result.outcome, result.reason)
