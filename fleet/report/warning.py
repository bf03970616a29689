"""Warnings that have to reach a person: on the terminal and in the log of a run, or on standard error."""

import logging
from functools import cache

from fleet.report.progress import Silence, listener


@cache
def warn_once(text: str) -> None:
    """Warn once in a process.

    Args:
        text: what is wrong, and what to do; without secrets.
    """
    person = listener.get()
    if isinstance(person, Silence):
        logging.getLogger("fleet_backup").warning("fleet-backup: %s", text)
    else:
        person.notice(f"warning: {text}")
