"""`fleet-backup forget`: removes plans that were deleted in the panel from the ledger."""

import asyncio

import click

from cli.errors import UsageProblem
from cli.verbosity import say
from fleet.ledger.forgetting import forget_plans
from fleet.ledger.forgotten import Forgotten
from fleet.serveravatar.text import one_line
from fleet.settings import settings as environment


def forget_all(keys: tuple[str, ...], *, as_json: bool) -> int:
    """Remove plans from the ledger and print which; on standard output only the JSON report, if asked for.

    Returns:
        The exit code, 0.

    Raises:
        UsageProblem: the ledger has no plan with one of these keys, or a run is using it; the others are removed.
        LedgerError: the ledger cannot be written.
    """
    forgotten = asyncio.run(forget_plans(environment.load().ledger_url(), keys))
    report = Forgotten.of(keys, forgotten)
    for plan in report.removed:
        say(one_line(f"removed: {plan.server} · {plan.application} ({plan.key})"))
    if as_json:
        click.echo(report.model_dump_json(indent=2))
    if report.not_removed:
        raise UsageProblem(
            f"{', '.join(report.not_removed)}: no such automatic plan in the ledger, or a run is using it"
        )
    return 0
