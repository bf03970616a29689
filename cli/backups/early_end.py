"""A run that ends before its flow begins: people are notified of it, as of any other (FLEET_BACKUP_NOTIFY_URLS).

The flow announces every later end itself. Without this, a fleet file that somebody broke would silence the nights.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
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
def early_end_is_told(fleet: str, *, dry_run: bool) -> Iterator[None]:
    """Notify people if a run fails before its flow begins; the error goes on as it is.

    Args:
        fleet: its name.
        dry_run: of which nobody is notified.
    """
    context = click.get_current_context(silent=True)
    if context:
        context.meta[_KEY] = False
    try:
        yield
    except Exception as error:
        if not dry_run and not (context and context.meta[_KEY]):
            _notify(fleet, error)
        raise


def _notify(fleet: str, error: Exception) -> None:
    try:
        destinations = environment.load().notifications()
    except environment.SettingsError:
        return  # That is the error, and nobody's address is known.
    if destinations:
        from tasks.telling.monitors.notify import notify

        text = f"nothing was sent: {error}"
        for problem in asyncio.run(notify(destinations, title("backup", fleet, Ending.FAILED), text)):
            warn(problem)
