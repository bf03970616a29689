"""The continuing phase: settle a run that Prefect shows as running although it is silent; if it is dead, continue it.

`fleet.schedules.dead_runs` decides. The dead run and the one that continues it are two flow runs: should the process of
the first wake up after all, it cannot end the second (docs/decisions/0027-dead-runs.md).
"""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.states import Cancelled, Crashed, Scheduled
from pydantic import BaseModel

from fleet.inventory.run_key import run_key
from fleet.ledger.life import life_of
from fleet.ledger.reports import report_since
from fleet.report.outcome import Exit
from fleet.report.report import Report
from fleet.schedules.dead_runs import Fate, Life, ShownAs, SilentRun, fate_of
from fleet.schedules.silence import Silence
from tasks.run.missed_run import replaced_by
from tasks.run.this_run import CONTINUATION, CONTINUED, CONTINUES, RUN_KEY, TOGETHER, name_of_continuation
from tasks.telling.final_state import state_of

CONTINUER: Final = "continue_run"
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


async def followed(flow_run: UUID) -> UUID:
    """The run to look after: for a run of `continue_run` that fell silent itself, the one that it looked after.

    Raises:
        ObjectNotFound: there is no such flow run.
    """
    async with get_client() as client:
        run = await client.read_flow_run(flow_run)
        while (await client.read_flow(run.flow_id)).name == CONTINUER:
            if run.state and not run.state.is_final():
                await _set(client, run, Crashed(message="its process is silent; another one takes its place"))
            run = await client.read_flow_run(UUID(str(run.parameters["flow_run"])))
    return run.id


async def settle(flow_run: UUID, ledger_url: str, silence: Silence) -> tuple[Fate, str]:
    """Find out whether a flow run is alive; if it is dead, mark it, and create a run that continues it.

    Args:
        flow_run: its id.
        ledger_url: of the ledger that shows whether it is alive.
        silence: what this watcher has seen of it so far.

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
        fate, why = fate_of(await silent_run(run, life, client, silence, has_verdict=report is not None))
        if fate in (Fate.WAIT, Fate.LEAVE):
            return fate, why
        if fate is Fate.CONTINUE:
            why = f"{why}; continued by {await _continued(run, life, client)}"
        if fate is Fate.VERDICT and report:
            why = f"{why}: {report.verdict}"
        changed = await _set(client, run, _state(fate, why, report))
        return (fate, why) if changed else (Fate.WAIT, "its state has just changed")


def _state(fate: Fate, why: str, report: Report | None) -> State[Any]:
    """The state that a run gets which meets its fate."""
    if fate is Fate.VERDICT and report:
        return _late(report)
    states: dict[Fate, State[Any]] = {
        Fate.START: Scheduled(message=why),
        Fate.CONTINUE: Crashed(name=CONTINUED_STATE, message=why),
        Fate.CANCELLED: Cancelled(message=why),
    }
    return states.get(fate) or Crashed(message=why)


async def silent_run(
    run: FlowRun, life: Life | None, client: PrefectClient, silence: Silence, *, has_verdict: bool
) -> SilentRun:
    """What is known of a silent run, for `fate_of`."""
    return SilentRun(
        shown=_SHOWN.get(run.state_type, ShownAs.ENDED) if run.state_type else ShownAs.WAITING,
        seconds=silence.heard(await _last_sign(run, client)),
        expired_seconds=silence.expired(is_expired=life is not None and not life.is_alive),
        life=life,
        has_verdict=has_verdict,
        is_deployed=run.deployment_id is not None,
        continues=_continues(run),
        replaced_by=(await replaced_by(run, client) or "") if run.auto_scheduled else "",
    )


async def _last_sign(run: FlowRun, client: PrefectClient) -> str:
    """The last sign of life that Prefect has of a run: its state, or a heartbeat since then."""
    state = f"{run.state.id} {run.state.timestamp}" if run.state else ""
    beats = {
        "event": {"name": ["prefect.flow-run.heartbeat"]},
        "resource": {"id": [f"prefect.flow-run.{run.id}"]},
        "order": "DESC",
    }
    response = await client.request("POST", "/events/filter", json={"filter": beats, "limit": 1})
    newest = _Beats.model_validate(response.json()).events[:1]
    return " ".join([state, *(beat.occurred.isoformat() for beat in newest)])


async def _report_of(run: FlowRun, life: Life | None, ledger_url: str) -> Report | None:
    """The report that the run recorded before it died."""
    scheduled_at = run.expected_start_time if run.auto_scheduled else None
    deployment = str(run.deployment_id) if run.deployment_id else None
    by_rule = run_key(run.parameters.get("run_key"), deployment, scheduled_at, str(run.id))
    key = life.run_key if life else str(run.labels.get(RUN_KEY) or by_rule)
    # A retry keeps the start of the first attempt, whose verdict is not this one's.
    since = run.state.timestamp if run.state and run.state.is_running() else run.start_time
    return await report_since(ledger_url, key, since) if since else None


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
        name=name_of_continuation(run.name),
        parameters=parameters,
        state=Scheduled(message=f"continues {run.name}, whose process died"),
        tags=[CONTINUED, *(tag for tag in run.tags if tag == TOGETHER)],
        idempotency_key=continuation_key(run.id),
        work_queue_name=run.work_queue_name,
        job_variables=run.job_variables,
        labels=labels,
    )
    return successor.name


def continuation_key(run_id: UUID) -> str:
    """The idempotency key of the run that continues this one."""
    return f"continues {run_id}"


def _continues(run: FlowRun) -> int:
    count = run.labels.get(CONTINUATION, 0)
    return count if isinstance(count, int) else 0


def _late(report: Report) -> State[Any]:
    if report.exit_code == Exit.INTERRUPTED:
        return Crashed(message=report.verdict)
    return state_of(report)


async def _set(client: PrefectClient, run: FlowRun, state: State[Any]) -> bool:
    """Set a state that Prefect's own rules would refuse, such as that of a run which is being cancelled.

    Returns:
        Whether it was set: not if the run has got another state since it was read.
    """
    now = await client.read_flow_run(run.id)
    if now.state_id != run.state_id:
        return False
    await client.set_flow_run_state(run.id, state, force=True)
    return True
