"""The name of an instant backup, and how it is read again from a list that may have changed it.

Whether the list shows the name at all is not documented, so whatever an API may do to a text is borne: it is cut, put
in other case, given other separators, or text before and behind it. Pure.
"""

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable
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


class KnownKeys:
    """The keys that are looked for, found again by what is left of them."""

    def __init__(self, keys: Iterable[str] = ()) -> None:
        self._keys = sorted(set(keys))

    def add(self, keys: Collection[str]) -> None:
        """Look for these, too."""
        for key in keys:
            at = bisect_left(self._keys, key)
            if self._keys[at : at + 1] != [key]:
                self._keys.insert(at, key)

    def named_by(self, marks: Iterable[str]) -> tuple[str, bool] | None:
        """Find the key that marks name.

        Returns:
            The key, and whether it stands there whole; None where there is none, or where two keys begin like that.
        """
        for mark in marks:
            at = bisect_left(self._keys, mark)
            alike = [key for key in self._keys[at : at + 2] if key.startswith(mark)]
            if len(alike) == 1:
                return alike[0], len(mark) == KEY_DIGITS
        return None
