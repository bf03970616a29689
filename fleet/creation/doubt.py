"""What an operator reads about a target in doubt: why, until when, and what to do."""

from typing import Final

from fleet.ledger.entry import Entry
from fleet.proof.absence import Absence

_MAY_EXIST: Final = "it may exist"


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
