"""`fleet-backup page`: writes the status page."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import click

from cli.errors import OutputError
from cli.verbosity import say
from fleet.ledger.days.seen import fleet_name
from fleet.serveravatar.text import one_line
from fleet.settings import settings as environment
from tasks.telling.status_page.write_page import write_page


def write_status_page(folder: Path, fleet: Path | None, days: int) -> int:
    """Write the status page, and print its first line and its file.

    Returns:
        The exit code, 0.

    Raises:
        PageError: the folder has a page of somebody else, or there is nothing to show.
        LedgerError: the ledger cannot be read.
        OutputError: the folder cannot be written.
    """
    url = environment.load().ledger_url()
    name = fleet_name(fleet.name) if fleet else None
    try:
        sentence = asyncio.run(write_page(folder, url, datetime.now(UTC), name, days))
    except OSError as error:
        raise OutputError(one_line(f"{folder}: the status page cannot be written: {error.strerror or error}")) from None
    say(sentence)
    click.echo(folder / "index.html")
    return 0
