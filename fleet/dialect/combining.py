"""Combines what two runs have learned of one API, so that neither loses what the other has seen. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from fleet.dialect.dialect import OFTEN, UNKNOWN, Dialect, Names

_LARGER: Final = ("shows_after", "first_backup_after", "first_backups_seen", "first_backups_missed")
_ENDS: Final = ("unknown", "pending")
"""What is known of a status word that no backup was seen to end with, the least first; anything else is an end."""


def combined(stored: Dialect, learned: Dialect) -> Dialect:
    """Combine what is stored with what a run has learned, which began with what was stored earlier.

    What was learned wins wherever it is known; forms are united, and the larger count or duration stays.

    Args:
        stored: what the ledger has now.
        learned: what the run knows at its end.
    """
    facts: dict[str, Any] = {name: _known(name, stored, learned) for name in Dialect.model_fields}
    facts["key_digits"] = (stored if learned.names is Names.UNKNOWN else learned).key_digits
    facts["zeros"] = (stored if learned.sizes is None else learned).zeros
    facts["statuses"] = _words(stored.statuses, learned.statuses)
    facts["forms"] = _united(stored.forms, learned.forms)
    facts["shown_within"] = sorted({*stored.shown_within, *learned.shown_within})[:OFTEN]
    facts["patterns"] = _larger(stored.patterns, learned.patterns)
    return Dialect(**facts)


def _known(name: str, stored: Dialect, learned: Dialect) -> object:
    here, there = getattr(learned, name), getattr(stored, name)
    if name in _LARGER:
        return max((each for each in (here, there) if each is not None), default=None)
    return there if here == getattr(UNKNOWN, name) else here


def _words(stored: Mapping[str, str], learned: Mapping[str, str]) -> dict[str, str]:
    """Status words with how backups ended: an end that was seen outweighs one that was not."""
    better = {word: end for word, end in learned.items() if _weight(end) >= _weight(stored.get(word, _ENDS[0]))}
    return {**stored, **better}


def _weight(end: str) -> int:
    return _ENDS.index(end) if end in _ENDS else len(_ENDS)


def _united(stored: Mapping[str, list[str]], learned: Mapping[str, list[str]]) -> dict[str, list[str]]:
    return {kind: sorted({*stored.get(kind, ()), *learned.get(kind, ())}) for kind in {**stored, **learned}}


def _larger(stored: Mapping[str, int], learned: Mapping[str, int]) -> dict[str, int]:
    return {text: max(stored.get(text, 0), learned.get(text, 0)) for text in {**stored, **learned}}
