"""The name of an instant backup, and how it is read again from a list that may have changed it.

Whether the list shows the name at all is not documented, so whatever an API may do to a text is borne: it is cut, put
in other case, given other separators, or text before and behind it. Pure.
"""

import re
from collections.abc import Iterable
from typing import Final

KEY_DIGITS: Final = 16
LEAST_DIGITS: Final = 8
"""A key that was cut to fewer hexadecimal digits proves nothing."""
LONGEST_NAME: Final = 64
"""Characters of a name that are sent: what is longer might be cut, or refused, by an API that says nothing of it."""
_MARK: Final = re.compile(rf"(?=fb[^0-9a-z]*([0-9a-f]{{{LEAST_DIGITS},{KEY_DIGITS}}}))")
"""A lookahead, since the digits of a key may hold an `fb` themselves."""


def named(key: str, given: str | None) -> str:
    """Name an instant backup: its key first, where a cut takes it last, then what the person calls it."""
    return f"fb-{key} {given or ''}".strip()[:LONGEST_NAME].strip()


def marks_in(names: Iterable[str]) -> list[str]:
    """The keys that stand behind an `fb` in these texts, in lower case; each whole, or cut to at least 8 digits."""
    return [mark for name in names for mark in _MARK.findall(name.casefold())]
