"""Which fields of the proof an API shows: sizes, storage flags, status; concluded from the rows of one run. Pure."""

from typing import Final

from fleet.dialect.dialect import OFTEN, Dialect
from fleet.proof.parts import Parts, shown_parts
from fleet.proof.status_words import StatusMeaning, meaning_of, normalized
from fleet.serveravatar.models import Backup

ENOUGH: Final = 5
"""Rows without a field that outweigh what was known of it."""


class ShownFields:
    """Counts rows by what they show. A row counts once, however often it is seen."""

    def __init__(self) -> None:
        self._maybe_complete: set[int] = set()
        self._sized: set[int] = set()
        self._zeros: set[int] = set()
        self._flagged: set[int] = set()
        self._with_status = 0
        self._without_status = 0

    def count(self, row: Backup) -> None:
        """Count a row; one that runs or has failed need not show sizes or flags."""
        meaning = meaning_of(row.status)
        has_word = bool(normalized(row.status))
        self._with_status += has_word
        self._without_status += not has_word
        if meaning in (StatusMeaning.FAILURE, StatusMeaning.WAITING):
            return
        self._maybe_complete.add(row.id)
        parts = shown_parts(row, Parts())
        if any(part.has_size for part in parts):
            self._sized.add(row.id)
        elif any(part.size is not None and (part.total or 0) > 0 and part.available is not False for part in parts):
            self._zeros.add(row.id)
        if any(part.available is not None for part in parts):
            self._flagged.add(row.id)

    def facts(self, known: Dialect) -> dict[str, bool | None]:
        """What follows, as attributes of a dialect.

        Args:
            known: what was known before.
        """
        sized = self._sized | self._zeros
        return {
            "sizes": _is_shown(len(sized), len(self._maybe_complete - sized), known.sizes),
            "flags": _is_shown(len(self._flagged), len(self._maybe_complete - self._flagged), known.flags),
            "shows_status": _is_shown(self._with_status, self._without_status, known.shows_status),
            "zeros": not self._sized and (len(self._zeros) >= OFTEN or known.zeros),
        }


def _is_shown(with_it: int, without: int, known: bool | None) -> bool | None:
    """Whether an API shows a field: one row with it proves that, and only several without it prove the contrary."""
    if with_it:
        return True
    if without >= (1 if known is None else ENOUGH):
        return False
    return known
