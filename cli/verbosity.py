"""How much a command shows to people: `-q` and `-v`."""

from enum import IntEnum
from typing import Final

import click

from cli import log

_KEY: Final = "fleet_backup.verbosity"


class Verbosity(IntEnum):
    """How much is shown on standard error."""

    QUIET = -1
    """Only what is wrong: nothing at all if everything is well."""
    NORMAL = 0
    VERBOSE = 1
    """Every row of a table, every target as it ends, every wait."""


def chosen() -> Verbosity:
    """What the running command was asked for."""
    context = click.get_current_context(silent=True)
    return context.meta.get(_KEY, Verbosity.NORMAL) if context else Verbosity.NORMAL


def choose(context: click.Context, verbosity: Verbosity) -> None:
    """Note it for the running command."""
    context.meta[_KEY] = verbosity


def say(text: str) -> None:
    """Print a line for people, unless the command is to be quiet."""
    if chosen() is not Verbosity.QUIET:
        log.write(text)
