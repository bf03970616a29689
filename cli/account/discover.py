"""`fleet-backup discover`: a fleet file of everything in the account."""

import asyncio
import time
from pathlib import Path

import click

from cli.documents.beside import MODELINE, NAME, write_schema_beside
from cli.errors import OutputError, UsageProblem
from cli.terminal.terminal import Terminal
from fleet.ledger.budget.grants import SharedBudget
from fleet.observed.account_contents import OrganizationContents, read_contents
from fleet.selection.discovery import fleet_file_of
from fleet.serveravatar.client import Client
from fleet.settings import settings as environment


def discover_fleet(organization: int | None, output: Path | None) -> int:
    """Read the account and write the fleet file to standard output or a new file, with its schema beside it.

    Raises:
        UsageProblem: the file already exists; nothing was sent.
        DiscoveryError: the account has no such organization, or nothing that can be backed up.
        ApiUnusableError: the account could not be read.
        OutputError: the file cannot be written.
    """
    if output is not None and output.exists():
        raise UsageProblem(f"--output {output}: already exists; choose another name")
    settings = environment.load()
    with Terminal() as terminal:
        text = MODELINE + fleet_file_of(asyncio.run(_read(settings, organization, terminal)))
    if output is None:
        click.echo(text, nl=False)
        return 0
    try:
        with output.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise OutputError(f"--output {output}: cannot be written: {error.strerror}") from None
    if problem := write_schema_beside(output):
        terminal.warn(problem)
    terminal.say(f"{output}: written, with {NAME} for editors; next: fleet-backup check {output}")
    return 0


async def _read(
    settings: environment.Settings, organization: int | None, terminal: Terminal
) -> list[OrganizationContents]:
    account = settings.account()
    budget = SharedBudget(settings.ledger_url(), account, time.monotonic, terminal.warn)
    async with Client(account, waiting=terminal.waiting, budget=budget) as client:
        return await read_contents(client.send, organization)
