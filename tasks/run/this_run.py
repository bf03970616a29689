"""What Prefect knows about the current flow run."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any, Final
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.context import FlowRunContext
from prefect.exceptions import Abort
from prefect.runtime import deployment, flow_run

from fleet.inventory.run_key import run_key as choose
from fleet.serveravatar.text import one_line
from tasks.run.mistakes import ParameterError

CONTINUED: Final = "continued"
"""The tag of a run that continues one whose process died."""
TOGETHER: Final = "all-fleets"
"""The tag of a run that `all_fleets` started, and the end of its name: alarms leave it to that run's one message."""
_GENERATED: Final = re.compile(rf"[a-z]+\d*(?:-[a-z]+){{1,2}}|\w+/.+ · {TOGETHER}")
"""Names that nobody chose: Prefect's `copper-lynx`; in its form, `sigma3-balakbal` or `rho234-cirrus-y`; and the one
under which `all_fleets` starts a run, `fleet_backup/nightly-acme · all-fleets`."""
CONTINUES: Final = "fleet-backup.continues"
RUN_KEY: Final = "fleet-backup.run-key"
CONTINUATION: Final = "fleet-backup.continuation"
"""Its labels: the name of the dead run, that run's key, and how many runs it continues, each the one before."""


def scheduled_at() -> datetime | None:
    """The logical time of a scheduled run; None for a manual run."""
    return flow_run.scheduled_start_time if "auto-scheduled" in flow_run.tags else None


def approve_above(wanted: int, *, dry_run: bool) -> int:
    """Above how many backups this run needs approval; 0 for any number, as in scheduled runs and dry runs.

    Raises:
        ParameterError: it could not wait for an answer: Prefect resumes only the runs of deployments.
    """
    if not wanted or dry_run or scheduled_at() is not None:
        return 0
    if deployment.id is None:
        raise ParameterError("approve_above: only a run of a deployment can wait for approval; leave it at 0 here")
    return wanted


def run_key(given: str | None) -> str:
    """The run key: that of the run which this one continues, the given one, or by the rule of `fleet.inventory`."""
    return str(_labels().get(RUN_KEY) or choose(given, deployment.id, scheduled_at(), str(flow_run.id)))


def continuation() -> list[str]:
    """A line for people if this run continues one whose process died."""
    dead = _labels().get(CONTINUES)
    return [f"this run continues {dead}, whose process died"] if dead else []


async def leave_if_replaced() -> None:
    """End this process without a word if its run was ended meanwhile, because another run continues it.

    Raises:
        Abort: it was; Prefect ends the process and sets no state.
    """
    if flow_run.id is None:
        return
    async with get_client() as client:
        state = (await client.read_flow_run(UUID(flow_run.id))).state
    if state and state.is_final():
        raise Abort(f"this run was ended as {state.name} while its process was silent: {state.message}")


def recorded_as() -> str:
    """The name by which the ledger knows the runs of this run's fleet: its own, or its fleet file's."""
    return str(flow_run.parameters.get("fleet") or PurePath(flow_run.parameters["fleet_file"]).name)


def name(what: str) -> str:
    """Name the run for people: what it does, for whom it was scheduled, and when; a name that was given stays."""
    given: str | None = flow_run.name
    if given and not _GENERATED.fullmatch(given):
        return given
    when = flow_run.scheduled_start_time or datetime.now(UTC)
    parts = [
        one_line(what),
        *([deployment.name] if deployment.name else []),
        f"{when.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
    ]
    if flow_run.parameters.get("dry_run"):
        parts.append("dry run")
    parts += [tag for tag in (CONTINUED, TOGETHER) if tag in flow_run.tags]
    return " · ".join(parts)


def name_of_continuation(dead: str) -> str:
    """The name of the run that continues a dead one: that one's, so that it is found by it.

    Its end is the same, by which alarms know it before it begins. A name that nobody chose is replaced once it begins.
    """
    if _GENERATED.fullmatch(dead):
        return dead
    again, together = f" · {CONTINUED}", f" · {TOGETHER}"
    end = together if dead.endswith(together) else ""
    return f"{dead.removesuffix(end).removesuffix(again)}{again}{end}"


def _labels() -> Mapping[str, Any]:
    context = FlowRunContext.get()
    return context.flow_run.labels if context and context.flow_run else {}
