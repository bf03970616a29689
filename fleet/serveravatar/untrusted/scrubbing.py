"""The token taken out of texts of others, in every form in which a server, a proxy or a library may repeat it."""

import re
from base64 import b64encode
from functools import cache
from typing import Final

HIDDEN: Final = "**********"
"""Replaces the token in texts of others."""
_SHORTEST: Final = 8
"""Characters from which other encodings are searched for: those of a shorter token could be part of any word."""


def scrubbed(text: str, token: str) -> str:
    """Take a token out of a text: as it is, in other case, escaped for a URL, HTML or JSON, in hex and in base64."""
    return _pattern(token).sub(HIDDEN, text) if token else text


@cache
def _pattern(token: str) -> re.Pattern[str]:
    forms = ["".join(map(_escaped, token))]
    if len(token) >= _SHORTEST:
        forms += [r"[\s:,-]?".join(rf"(?:0x|\\x)?{ord(letter):02x}" for letter in token), *_in_base64(token)]
    return re.compile("|".join(forms), re.IGNORECASE)


def _escaped(letter: str) -> str:
    """One letter: itself, or as in a URL (once or twice), in HTML, in JSON, in Python."""
    code = ord(letter)
    # Each repetition is bounded: a text of backslashes would take quadratic time.
    in_url, in_html = rf"%(?:25){{0,3}}{code:02x}", rf"&\#0{{0,5}}(?:{code}|x0{{0,5}}{code:x});"
    return rf"(?:{re.escape(letter)}|{in_url}|{in_html}|\\{{1,4}}(?:u00|x){code:02x})"


def _in_base64(token: str) -> list[str]:
    """A token may begin at any of three places within a group; its first and last letters depend on its neighbors."""
    forms = []
    for before in range(3):
        packed = b64encode(b"\0" * before + token.encode()).decode()
        certain = packed[-(-before * 8 // 6) : (before + len(token)) * 8 // 6]
        forms.append("".join({"+": r"(?:[+-]|%2b)", "/": r"(?:[/_]|%2f)"}.get(each, each) for each in certain) + "=*")
    return forms
