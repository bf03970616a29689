"""Automatic plans: how the fleet file differs from what the ledger recorded; and what to say about a doubtful plan."""

from collections.abc import Mapping
from typing import Any, Final

from fleet.ledger.entry import Entry
from fleet.proof.absence import Absence

_MAY_EXIST: Final = "it may exist"


def drift(created: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Compare the body a plan was created with to the one wanted now.

    The start of a plan is in the past and is not compared.

    Returns:
        For each differing field, the current and the wanted value.
    """
    fields = [*created, *(name for name in wanted if name not in created)]
    return {
        name: (created.get(name), wanted.get(name))
        for name in fields
        if created.get(name) != wanted.get(name) and not name.startswith("start_backup")
    }


def described(differences: Mapping[str, tuple[Any, Any]]) -> str:
    """For example `schedule is 'Every Day', wanted 'Every Hour'`."""
    return ", ".join(f"{name} is {is_now!r}, wanted {wanted!r}" for name, (is_now, wanted) in differences.items())


def changes(differences: Mapping[str, tuple[Any, Any]]) -> str:
    """For example `schedule: Every Day -> Every Hour`."""
    return ", ".join(f"{name}: {_shown(is_now)} -> {_shown(wanted)}" for name, (is_now, wanted) in differences.items())


def _shown(value: object) -> str:
    return "none" if value is None else str(value)


def doubt(entry: Entry, absence: Absence) -> str:
    """For a target that may exist: why that is unknown, until when, and what a person can do."""
    words = entry.reason.split(f"; {_MAY_EXIST}")[0] or "the run was interrupted while sending it"
    return f"{words}; {_MAY_EXIST}: {absence.reason}; {_advice(entry, absence)}"


def _advice(entry: Entry, absence: Absence) -> str:
    if not entry.automatic:
        return "check the panel; a run with another run key creates a new one"
    later = ", and a run after that creates it otherwise" if absence.settled_at is not None else ""
    known = f"if the panel shows no such plan, send it again now: resend plans {entry.key}"
    return f"the next run adopts it if it has appeared{later}; {known}"
