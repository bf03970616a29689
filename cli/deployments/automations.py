"""`fleet-backup automations`: the alarms on the Prefect server."""

import asyncio
from collections.abc import Sequence
from typing import Final

import click

from cli.prefect_server import prepare_for_prefect
from cli.verbosity import say
from deployments.automations_report import AutomationsReport, Change

_WOULD: Final = {"created": "would create", "updated": "would update", "removed": "would remove"}


def install_alarms(notify: str | None, hours: float | None, *, dry_run: bool, as_json: bool) -> int:
    """Install or update the alarms and print what changed.

    Raises:
        AutomationsError: there is no Prefect server, or it has no such block.
        PrefectServerError: the server cannot be used.
    """
    prepare_for_prefect()
    from deployments.install_automations import install

    _show(asyncio.run(install(notify, hours, dry_run=dry_run)), dry_run=dry_run, as_json=as_json)
    if notify is None:
        say("Nobody is notified: alarms appear in the event feed only. Name a block with --notify.")
    return 0


def remove_alarms(*, dry_run: bool, as_json: bool) -> int:
    """Remove the alarms and print which.

    Raises:
        AutomationsError: there is no Prefect server.
        PrefectServerError: the server cannot be used.
    """
    prepare_for_prefect()
    from deployments.install_automations import remove

    _show(asyncio.run(remove(dry_run=dry_run)), dry_run=dry_run, as_json=as_json)
    return 0


def _show(changes: Sequence[Change], *, dry_run: bool, as_json: bool) -> None:
    for change in changes:
        words = _WOULD.get(change.done, change.done) if dry_run else change.done
        say(f"{words}: {change.name}")
    if not changes:
        say("nothing to remove")
    if as_json:
        report = AutomationsReport(dry_run=dry_run, automations=list(changes))
        click.echo(report.model_dump_json(indent=2))
