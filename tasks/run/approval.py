"""Approval of a large run that was started manually, before it creates anything; Prefect pauses the run meanwhile."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Final

from prefect.exceptions import FlowPauseTimeout
from prefect.flow_runs import apause_flow_run
from prefect.input import RunInput
from pydantic import Field

from fleet.inventory.target import Target
from fleet.observed.observed import Observed
from fleet.report.outcome import Exit, Halt
from fleet.report.progress import listener
from tasks.run.results import Results

PATIENCE: Final = 12 * 3600
"""Seconds that a run waits for its approval."""
POLL_SECONDS: Final = 5
_LONGEST: Final = 30
"""Servers that the question names."""


class Approval(RunInput):
    """The answer to the question."""

    approve: Annotated[bool, Field(description="On: create these backups. Off: end the run, and create nothing.")] = (
        False
    )


async def approved(targets: Sequence[Target], results: Results, above: int) -> bool:
    """Pause the run until a person has approved a large one; stop it if nobody does, or not in time.

    Args:
        targets: what would be created.
        results: how the targets stand; those that were not approved are `not_tried`.
        above: this many backups need no approval; 0 for any number.
    """
    if 0 < above < len(targets) and not results.halt:
        await _ask(targets, results)
    if results.halt:
        results.leave_out(targets, results.halt.reason)
    return results.halt is None


async def _ask(targets: Sequence[Target], results: Results) -> None:
    listener.get().waiting(f"approval of {len(targets)} backups in the Prefect UI", PATIENCE)
    question = Approval.with_initial_data(description=described(targets, results.observed), approve=False)
    try:
        answer = await apause_flow_run(wait_for_input=question, timeout=PATIENCE, poll_interval=POLL_SECONDS)
    except FlowPauseTimeout:
        results.stop(Halt(Exit.NONE_STARTED, f"nobody approved it within {PATIENCE // 3600} hours"))
    else:
        if not answer.approve:
            results.stop(Halt(Exit.NONE_STARTED, "not approved"))


def described(targets: Sequence[Target], observed: Observed) -> str:
    """What is planned, in Markdown: how many backups of which kind, and on which servers."""
    plans = sum(target.request.automatic_backup for target in targets)
    servers = Counter(observed.server_name(target) for target in targets)
    instant = len(targets) - plans
    lines = [
        f"**{instant} instant backups and {plans} automatic plans** on {len(servers)} servers would be created.",
        "",
        "| server | backups |",
        "| --- | ---: |",
        *(f"| {name} | {count} |" for name, count in servers.most_common(_LONGEST)),
    ]
    if len(servers) > _LONGEST:
        lines.append(f"\n… and {len(servers) - _LONGEST} more servers.")
    return "\n".join(lines)
