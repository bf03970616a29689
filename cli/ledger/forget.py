"""`fleet-backup forget`: removes plans that were deleted in the panel from the ledger."""

import asyncio

import click

from cli.errors import UsageProblem
from fleet.ledger.forgetting import forget_plans
from fleet.serveravatar.text import one_line
from fleet.settings import settings as environment


def forget_all(keys: tuple[str, ...]) -> int:
    """Remove plans from the ledger and print which.

    Returns:
        The exit code, 0.

    Raises:
        UsageProblem: the ledger has no plan with one of these keys, or a run is using it; the others are removed.
        LedgerError: the ledger cannot be written.
    """
    forgotten = asyncio.run(forget_plans(environment.load().ledger_url(), keys))
    for key, about in forgotten.items():
        click.echo(one_line(f"removed: {about.server} · {about.application} ({key})"), err=True)
    if unknown := [key for key in keys if key not in forgotten]:
        raise UsageProblem(f"{', '.join(unknown)}: no such automatic plan in the ledger, or a run is using it")
    return 0
