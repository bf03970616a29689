"""What Prefect knows about the current flow run."""

from datetime import UTC, datetime

from prefect.runtime import deployment, flow_run

from fleet.inventory.run_key import run_key as choose
from fleet.serveravatar.text import one_line
from tasks.run.mistakes import ParameterError


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
    """The run key: the given one, else by the rule of `fleet.inventory.run_key`."""
    return choose(given, deployment.id, scheduled_at(), str(flow_run.id))


def name(what: str) -> str:
    """Name the run for people: what it does, for whom it was scheduled, and when."""
    when = flow_run.scheduled_start_time or datetime.now(UTC)
    parts = [
        one_line(what),
        *([deployment.name] if deployment.name else []),
        f"{when.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
    ]
    if flow_run.parameters.get("dry_run"):
        parts.append("dry run")
    return " · ".join(parts)
