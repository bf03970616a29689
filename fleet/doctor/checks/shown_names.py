"""How a list shows the name of an instant backup: where, and how much of it, without the name itself. Pure."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from fleet.inventory.naming import KEY_DIGITS, marks_in
from fleet.serveravatar.backup_rows import names_in

WHOLE: Final = "whole, in `backup_configuration.name`"
HIDDEN: Final = "not shown"
_AS_SENT: Final = re.compile(rf"fb-[0-9a-f]{{{KEY_DIGITS}}}( .*)?", re.DOTALL)
_PLACES: Final = ("name", "title", "label", "description", "note", "comment", "backup_name")
"""Fields other than the documented one that may be named in a report."""


def how_shown(row: Mapping[str, object], sent: str = "") -> str:
    """Describe how the name of one of our backups is shown.

    Args:
        row: as it came.
        sent: the name that was sent; empty if unknown.

    Returns:
        Empty if the row shows no key of ours, not even part of one.
    """
    for text in names_in(row):
        marks = marks_in([text])
        if marks:
            return f"{_form(text, max(marks, key=len), sent)}, in {_place(row, text)}"
    return ""


def _form(text: str, mark: str, sent: str) -> str:
    if sent and text == sent:
        return "whole"
    if len(mark) < KEY_DIGITS:
        return f"cut to {len(mark)} of the {KEY_DIGITS} digits of its key"
    if not sent:
        return "whole" if _AS_SENT.fullmatch(text) else "changed"
    if sent.startswith(text):
        return "cut after its key"
    before, found, behind = text.partition(sent)
    if found:
        return " and ".join(word for word, is_there in (("text before", before), ("text after", behind)) if is_there)
    return "changed"


def _place(row: Mapping[str, object], text: str) -> str:
    configuration = row.get("backup_configuration")
    if isinstance(configuration, Mapping) and configuration.get("name") == text:
        return "`backup_configuration.name`"
    return next((f"`{field}`" for field in _PLACES if row.get(field) == text), "another field")


def counted(shown: Iterable[str]) -> dict[str, int]:
    """How often each way occurs, the most frequent first."""
    ways = list(shown)
    return {way: ways.count(way) for way in sorted(set(ways), key=lambda way: (-ways.count(way), way))}
