"""The approving phase: a large run that a person started is suspended until a person has approved what it would create.

A suspended run has ended: it holds no slot and no process. Resumed, it starts again from the top, on whichever worker,
and comes back here with its answer. What was asked, and what the answer covers, is kept with the flow run at the
Prefect server (docs/decisions/0025-approval.md).
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, Literal, get_args
from uuid import uuid4

from prefect import get_run_logger
from prefect.flow_runs import asuspend_flow_run
from prefect.input import RunInput, acreate_flow_run_input, adelete_flow_run_input, aread_flow_run_input
from prefect.input.run_input import keyset_from_paused_state
from prefect.states import Suspended
from pydantic import BaseModel, Field

from fleet.creation.intent import Asked, Intent
from fleet.inventory.target import Target
from fleet.observed.observed import Observed
from fleet.plan.approval import fingerprint, question, to_create
from tasks.phases.plan import planned
from tasks.run.backup_lists import BackupLists
from tasks.run.mistakes import NotApprovedError
from tasks.run.results import Results

PATIENCE: Final = timedelta(hours=12)
"""How long a run waits for its approval."""
Answer = Literal["create these backups", "create nothing and end the run"]
_YES: Final = get_args(Answer)[0]
_KEPT: Final = "fleet-backup-question"
"""Under this key the flow run keeps its question."""


class Approval(RunInput):
    """The answer to the question; without a default, so that a form that was only sent off answers nothing."""

    answer: Annotated[Answer, Field(description="What the run is to do.")]


class _Question(BaseModel):
    """What was asked last.

    Attributes:
        key: of the suspension that waits for the answer.
        covers: the fingerprints of what was to be created.
    """

    key: str
    covers: frozenset[str]


async def approved(
    targets: Sequence[Target], asked: Asked, ledger_url: str, lists: BackupLists, results: Results, above: int
) -> bool:
    """Suspend the run until a person has approved what it would create.

    Args:
        targets: what can be backed up.
        asked: how the run was started.
        ledger_url: where the ledger is.
        lists: the backup lists.
        results: how the targets stand.
        above: this many backups need no approval; 0 for any number.

    Returns:
        Whether the run may go on: not if it has stopped.

    Raises:
        LedgerError: the ledger cannot be read.
        NotApprovedError: the answer was no.
        prefect.exceptions.Pause: the run is suspended.
    """
    if 0 < above < len(targets) and not results.halt:
        wanted = to_create(await planned(targets, asked, ledger_url, lists, results))
        if len(wanted) > above:
            await _answered(wanted, results.observed)
    if results.halt:
        results.leave_out(targets, results.halt.reason)
    return results.halt is None


async def _answered(wanted: Sequence[Intent], observed: Observed) -> None:
    """Return once the answer covers all that would be created.

    Raises:
        NotApprovedError: the answer was no.
        prefect.exceptions.Pause: the run is suspended until there is an answer.
    """
    asked = await _asked()
    answer = await _answer(asked) if asked else None
    if answer and answer.answer != _YES:
        raise NotApprovedError(len(wanted))
    # Without an answer, the question has expired and the run is retried.
    covered = asked.covers if asked and answer else frozenset[str]()
    new = [intent for intent in wanted if fingerprint(intent) not in covered]
    if new:
        await _ask(wanted, new, observed)
    get_run_logger().info("approved: %d backups are to be created", len(wanted))


async def _asked() -> _Question | None:
    kept: Any = await aread_flow_run_input(_KEPT)
    return _Question.model_validate(kept) if kept else None


async def _answer(asked: _Question) -> Approval | None:
    where = keyset_from_paused_state(Suspended(pause_key=asked.key))
    response: Any = await aread_flow_run_input(where["response"])
    return Approval.model_validate(response) if response else None


async def _ask(wanted: Sequence[Intent], new: Sequence[Intent], observed: Observed) -> None:
    """Suspend the run, which ends it here.

    Raises:
        prefect.exceptions.Pause: always.
    """
    asked = _Question(key=uuid4().hex, covers=frozenset(map(fingerprint, wanted)))
    if await _asked():
        await adelete_flow_run_input(_KEPT)
    await acreate_flow_run_input(_KEPT, asked.model_dump(mode="json"))
    until = datetime.now(UTC) + PATIENCE
    get_run_logger().info(
        "suspended until a person answers by %s whether to create %d backups: Resume in the Prefect UI (V1; its V2 "
        "has no such button); after that the run ends as Failed and creates nothing, and Retry asks again",
        f"{until:%Y-%m-%d %H:%M} UTC",
        len(wanted),
    )
    dialog = Approval.with_initial_data(description=question(wanted, new, observed, until))
    await asuspend_flow_run(wait_for_input=dialog, timeout=int(PATIENCE.total_seconds()), key=asked.key)
