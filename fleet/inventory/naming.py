"""The name of an instant backup, and how its key is read back from a backup list that may have changed it.

Whether the list shows the name at all is not documented, so any change is tolerated: truncation, another case, other
separators, text before or after it. Pure.
"""

import re
from collections.abc import Iterable
from typing import Final

KEY_DIGITS: Final = 16
LEAST_DIGITS: Final = 8
"""A key truncated to fewer hexadecimal digits proves nothing."""
LONGEST_NAME: Final = 64
"""Characters of a name that are sent: the API documents no limit, and might truncate or refuse a longer one."""
_MARK: Final = re.compile(rf"(?=fb[^0-9a-z]*([0-9a-f]{{{LEAST_DIGITS},{KEY_DIGITS}}}))")
"""A lookahead, since the digits of a key may contain `fb` themselves."""


def named(key: str, given: str | None) -> str:
    """Name an instant backup: its key first, so that truncation spares it, then the given name."""
    return f"fb-{key} {given or ''}".strip()[:LONGEST_NAME].strip()


def marks_in(names: Iterable[str]) -> list[str]:
    """The keys after an `fb` in these texts, in lower case; each whole, or truncated to at least 8 digits."""
    return [mark for name in names for mark in _MARK.findall(name.casefold())]
