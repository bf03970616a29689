"""The run key, an idempotency key: runs with the same key create each backup once."""

from datetime import UTC, datetime

from fleet.serveravatar.text import one_line


def run_key(given: str | None, deployment: str | None, scheduled_at: datetime | None, flow_run_id: str) -> str:
    """Choose the run key.

    Args:
        given: the user's own (`--run-key`).
        deployment: the id of the deployment that the run belongs to, if any.
        scheduled_at: the logical time of a run that a schedule made; None for a run started manually.
        flow_run_id: the flow run's id: Prefect's Retry keeps it.

    Returns:
        The user's own; otherwise the deployment and logical time of a scheduled run, so that a duplicate has the same
        key; otherwise the flow run's id.
    """
    if given and (key := one_line(given)):
        return key
    if deployment and scheduled_at:
        return f"{deployment}@{scheduled_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return flow_run_id
