"""The value of a metric's label: one line, and short, since a monitor keeps each of them in its memory."""

from typing import Final

from fleet.serveravatar.text import one_line

LONGEST: Final = 200


def label(text: str) -> str:
    """A text of others as the value of a label; the format's own escapes are the library's."""
    return one_line(text)[:LONGEST]
