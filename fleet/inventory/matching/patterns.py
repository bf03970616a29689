"""Patterns that people write: `*` stands for any letters, `?` for one, and every other letter for itself.

Compared are letters as people see them: large and small alike, however an accent is encoded, without blanks around.
"""

import re
from fnmatch import translate
from functools import lru_cache
from typing import Final
from unicodedata import normalize

_REMEMBERED: Final = 1024
"""So many patterns are kept compiled; a fleet file has a few, and compares each with every server."""


def matches(pattern: str, text: str) -> bool:
    """Whether a text is what a pattern stands for."""
    if _compiled(_composed(pattern)).match(_composed(text)):
        return True
    # `STRASSE` is `straße`; but folding makes two letters of the ß, and `?` stands for one: so it comes second.
    return not (text.isascii() and pattern.isascii()) and _compiled(folded(pattern)).match(folded(text)) is not None


def folded(text: str) -> str:
    """A text in the form in which it is compared."""
    return _composed(normalize("NFD", text).casefold())


def literal(text: str) -> str:
    """A part of a pattern as `fnmatch` writes it, for which `[` is no letter."""
    return text.replace("[", "[[]")


def _composed(text: str) -> str:
    return normalize("NFC", text).strip()


@lru_cache(maxsize=_REMEMBERED)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(literal(pattern)), re.IGNORECASE)
