"""Patterns that people write: `*` matches any text, `?` one character, and every other character itself.

Matching ignores case, the encoding of accents, and surrounding blanks.
"""

import re
from fnmatch import translate
from functools import lru_cache
from typing import Final
from unicodedata import normalize

_REMEMBERED: Final = 1024
"""Patterns kept compiled; a fleet file has a few, and matches each against every server."""


def matches(pattern: str, text: str) -> bool:
    """Whether a text matches a pattern."""
    if _compiled(_composed(pattern)).match(_composed(text)):
        return True
    # `STRASSE` is `straße`, but folding turns the ß into two letters and `?` matches one: so folding comes second.
    return not (text.isascii() and pattern.isascii()) and _compiled(folded(pattern)).match(folded(text)) is not None


def folded(text: str) -> str:
    """A text in the form in which it is compared."""
    return _composed(normalize("NFD", text).casefold())


def literal(text: str) -> str:
    """A part of a pattern as `fnmatch` writes it, where `[` is special."""
    return text.replace("[", "[[]")


def _composed(text: str) -> str:
    return normalize("NFC", text).strip()


@lru_cache(maxsize=_REMEMBERED)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(literal(pattern)), re.IGNORECASE)
