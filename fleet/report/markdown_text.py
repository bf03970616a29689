"""Texts of others inside Markdown: they are read as they are, whatever they contain."""

import re
from typing import Final

from fleet.report.parameters import as_parameters
from fleet.serveravatar.text import one_line

LONGEST: Final = 300
"""Characters of one name: a page that nobody can read helps nobody."""
LONGEST_SENTENCE: Final = 700
"""Characters of a reason or a verdict: what to do stands at its end."""
_SPECIAL: Final = re.compile(r"[\\`*_\[\]<>&|~]")
_NOT_IN_CODE: Final = str.maketrans("`|", "'/")
_AT_THE_START: Final = re.compile(r"^(?P<number>\d*)(?P<mark>(?<=\d)[.)]|(?<!\d)[#+=-])")
"""What begins a heading, a list, or a line under the line before."""
_DOMAIN: Final = re.compile(r"[a-z0-9.-]+", re.IGNORECASE)
"""What is allowed in a link: the API's text must not break out of it."""


def shortened(text: str, longest: int = LONGEST) -> str:
    """A text on one line that is not too long for a table."""
    line = one_line(text)
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def plain(text: str, longest: int = LONGEST) -> str:
    """Escape what Markdown or HTML would act on, in a line or in a cell of a table."""
    escaped = _SPECIAL.sub(r"\\\g<0>", shortened(text, longest))
    return _AT_THE_START.sub(r"\g<number>\\\g<mark>", escaped)


def sentence(text: str) -> str:
    """The same for a reason, a verdict or a note."""
    return plain(as_parameters(text), LONGEST_SENTENCE)


def code(text: str) -> str:
    """Show a text as code."""
    return f"`{shortened(text).translate(_NOT_IN_CODE)}`"


def is_domain(text: str) -> bool:
    """Whether a text can be the host of a link."""
    return len(text) < LONGEST and _DOMAIN.fullmatch(text) is not None


def linked(name: str, domain: str) -> str:
    """An application's name as a link to its site, if its domain is valid."""
    return f"[{plain(name)}](https://{domain})" if is_domain(domain) else plain(name)
