"""Texts for a terminal: as they are, and nothing in them that a terminal or its markup would act on."""

from rich.text import Text


def literal(text: str | Text, style: str = "") -> Text:
    """A text as it is, whatever it contains; of control and invisible characters only line breaks stay."""
    shown = text.copy() if isinstance(text, Text) else Text(text, style=style)
    if not shown.plain.isprintable():  # One letter for one: styles keep their places.
        shown.plain = "".join(letter if letter.isprintable() or letter == "\n" else " " for letter in shown.plain)
    return shown
