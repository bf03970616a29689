"""Task: settle a run that Prefect takes for running although nothing is heard of it; if it is dead, continue it.

`fleet.schedules.dead_runs` decides. The dead run and the one that continues it are two flow runs: should the process of
the first wake up after all, it cannot end the second (docs/decisions/0027-dead-runs.md).
"""

from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.states import Cancelled, Completed, Crashed, Scheduled
from pydantic import BaseModel

from fleet.inventory.run_key import run_key
from fleet.ledger.life import life_of
from fleet.ledger.reports import report_since
from fleet.report.outcome import Exit
from fleet.report.report import Report
from fleet.schedules.dead_runs import Fate, Life, ShownAs, SilentRun, fate_of
from tasks.run.missed_run import replaced_by
from tasks.run.this_run import CONTINUATION, CONTINUED, CONTINUES, RUN_KEY
from tasks.telling.run_report import state_of

CONTINUED_STATE: Final = "Continued"
"""The name of the state (a kind of Crashed) of a dead run that another one continues: no alarm is raised for it."""
_SHOWN: Final = {
    StateType.SCHEDULED: ShownAs.WAITING,
    StateType.PAUSED: ShownAs.WAITING,
    StateType.PENDING: ShownAs.STARTING,
    StateType.RUNNING: ShownAs.RUNNING,
    StateType.CANCELLING: ShownAs.CANCELLING,
}


class _Beat(BaseModel):
    occurred: datetime


class _Beats(BaseModel):
    events: list[_Beat]


@task(name="continue run", task_run_name="continue run {flow_run}", cache_policy=NO_CACHE, persist_result=False)
async def continue_run(flow_run: UUID, ledger_url: str) -> tuple[Fate, str]:
    """Find out whether a flow run is alive; if it is dead, mark it, and start a run that continues it.

    Returns:
        What was done, and why, for people. `WAIT`: nothing yet; ask again.

    Raises:
        ObjectNotFound: there is no such flow run.
        LedgerError: the ledger cannot be read.
    """
    async with get_client() as client:
        run = await client.read_flow_run(flow_run)
        life = await life_of(ledger_url, str(run.id))
        report = await _report_of(run, life, ledger_url)
        fate, why = fate_of(await _silent(run, life, client, has_verdict=report is not None))
        match fate:
            case Fate.START:
                await _set(client, run, Scheduled(message=why))
            case Fate.CONTINUE:
                why = f"{why}; continued by {await _continued(run, life, client)}"
                await _set(client, run, Crashed(name=CONTINUED_STATE, message=why))
            case Fate.CRASHED:
                await _set(client, run, Crashed(message=why))
            case Fate.CANCELLED:
                await _set(client, run, Cancelled(message=why))
            case Fate.VERDICT if report:
                await _set(client, run, _late(report))
                why = f"{why}: {report.verdict}"
        return fate, why


async def _silent(run: FlowRun, life: Life | None, client: PrefectClient, *, has_verdict: bool) -> SilentRun:
    return SilentRun(
        shown=_SHOWN.get(run.state_type, ShownAs.ENDED) if run.state_type else ShownAs.WAITING,
        seconds=(datetime.now(UTC) - await _last_heard(run, client)).total_seconds(),
        life=life,
        has_verdict=has_verdict,
        is_deployed=run.deployment_id is not None,
        continues=_continues(run),
        replaced_by=(await replaced_by(run, client) or "") if run.auto_scheduled else "",
    )


async def _last_heard(run: FlowRun, client: PrefectClient) -> datetime:
    """When Prefect last heard of a run: its state, or a heartbeat."""
    changed = run.state.timestamp if run.state else run.created or datetime.now(UTC)
    beats = {
        "event": {"name": ["prefect.flow-run.heartbeat"]},
        "resource": {"id": [f"prefect.flow-run.{run.id}"]},
        "occurred": {"since": changed.isoformat()},
        "order": "DESC",
    }
    response = await client.request("POST", "/events/filter", json={"filter": beats, "limit": 1})
    newest = _Beats.model_validate(response.json()).events[:1]
    return max([changed, *(beat.occurred for beat in newest)])


async def _report_of(run: FlowRun, life: Life | None, ledger_url: str) -> Report | None:
    """The report that the run recorded before it died."""
    scheduled_at = run.expected_start_time if run.auto_scheduled else None
    deployment = str(run.deployment_id) if run.deployment_id else None
    by_rule = run_key(run.parameters.get("run_key"), deployment, scheduled_at, str(run.id))
    key = life.run_key if life else str(run.labels.get(RUN_KEY) or by_rule)
    return await report_since(ledger_url, key, run.start_time) if run.start_time else None


async def _continued(run: FlowRun, life: Life | None, client: PrefectClient) -> str:
    """Create the run that continues a dead one, once however often it is asked for; return its name."""
    if run.deployment_id is None or life is None:
        raise ValueError(f"the flow run {run.id} cannot be continued")
    parameters: dict[str, Any] = dict(run.parameters)
    if parameters.get("approve_above") and (life.has_claimed or run.auto_scheduled):
        parameters["approve_above"] = 0  # It was approved, or did not have to be.
    labels: dict[str, bool | int | float | str] = {CONTINUES: run.name, CONTINUATION: _continues(run) + 1}
    if life.run_key:
        labels[RUN_KEY] = life.run_key
    successor = await client.create_flow_run_from_deployment(
        run.deployment_id,
        parameters=parameters,
        state=Scheduled(message=f"continues {run.name}, whose process died"),
        tags=[CONTINUED],
        idempotency_key=f"continues {run.id}",
        work_queue_name=run.work_queue_name,
        job_variables=run.job_variables,
        labels=labels,
    )
    return successor.name


def _continues(run: FlowRun) -> int:
    count = run.labels.get(CONTINUATION, 0)
    return count if isinstance(count, int) else 0


def _late(report: Report) -> State[Any]:
    if report.exit_code == Exit.INTERRUPTED:
        return Crashed(message=report.verdict)
    state = state_of(report)
    return state if state.is_failed() else Completed(name=state.name, message=state.message)


async def _set(client: PrefectClient, run: FlowRun, state: State[Any]) -> None:
    """Set a state that Prefect's own rules would refuse, such as that of a run which is being cancelled."""
    await client.set_flow_run_state(run.id, state, force=True)
