"""Whether a run meets an API for the first time: then it names the command that examines undocumented points."""

from collections.abc import Iterable
from typing import Final

from fleet.dialect.dialect import UNKNOWN, Dialect

_HINT: Final = (
    "first contact with this API: `fleet-backup doctor FLEET` shows where it differs from what is documented, and "
    "`--prove APPLICATION` settles the rest with one real backup"
)


def first_contact(known: Iterable[Dialect]) -> str | None:
    """Decide whether to name the command.

    Args:
        known: of each organization of a run, what the ledger knew before it.

    Returns:
        One line; None if the API is known from any of the organizations, or there are none.
    """
    dialects = list(known)
    return _HINT if dialects and all(dialect == UNKNOWN for dialect in dialects) else None
