"""What of an API's texts may be shown to anybody: a word of status, if it is made of letters. Pure."""

import re
from typing import Final

LONGEST: Final = 40
_WORDS: Final = re.compile(r"[^\W\d_]+(?:[ _-][^\W\d_]+){0,3}")
HIDDEN_WORD: Final = "(a text with more than letters in it)"


def shown_word(status: str) -> str:
    """A word of status in quotes; what is no such word may hold anything, and is not shown."""
    word = status.strip()
    return f"`{word}`" if len(word) <= LONGEST and _WORDS.fullmatch(word) else HIDDEN_WORD
