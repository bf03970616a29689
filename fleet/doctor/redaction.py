"""Which of an API's texts anybody may see: a status word made of letters, and nothing else. Pure."""

import re
from typing import Final

LONGEST: Final = 40
_WORDS: Final = re.compile(r"[^\W\d_]+(?:[ _-][^\W\d_]+){0,3}")
HIDDEN_WORD: Final = "(a text that is not only letters)"


def public_word(status: str) -> str:
    """A status word in quotes, safe to publish; any other text may hold private data, and is not shown."""
    word = status.strip()
    return f"`{word}`" if len(word) <= LONGEST and _WORDS.fullmatch(word) else HIDDEN_WORD
