"""A run that ends before its flow begins: people are notified of it, as of any other (FLEET_BACKUP_NOTIFY_URLS).

The flow announces every later end itself. Without this, a fleet file that somebody broke would silence the nights.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click

from cli.terminal.lines import warn
from fleet.monitoring.events import Ending
from fleet.monitoring.notification import title
from fleet.settings import settings as environment

_KEY: Final = "fleet_backup.flow_begins"


def note_that_the_flow_begins() -> None:
    """From now on the flow announces how the run ends."""
    if context := click.get_current_context(silent=True):
        context.meta[_KEY] = True


@contextmanager
def early_end_is_told(fleet_file: Path, *, dry_run: bool) -> Iterator[None]:
    """Notify people if the command fails before the flow begins; the error goes on as it is.

    Args:
        fleet_file: of the run.
        dry_run: of which nobody is notified.
    """
    try:
        yield
    except Exception as error:
        context = click.get_current_context(silent=True)
        if not dry_run and not (context and context.meta.get(_KEY)):
            _notify(fleet_file, error)
        raise


def _notify(fleet_file: Path, error: Exception) -> None:
    try:
        destinations = environment.load().notifications()
    except environment.SettingsError:
        return  # That is the error, and nobody's address is known.
    if destinations:
        from tasks.telling.monitors.notify import notify

        text = f"nothing was sent: {error}"
        for problem in asyncio.run(notify(destinations, title("backup", fleet_file.stem, Ending.FAILED), text)):
            warn(problem)
