"""JSON read within bounds, its texts without what a terminal, a log or a page would act on.

This is where the API's text enters: every reader behind it gets texts of one line and of bounded length.
"""

import json
from typing import Final

from fleet.serveravatar.text import one_line
from fleet.serveravatar.untrusted.exceeded import ExceededError

MOST_VALUES: Final = 1_000_000
"""Values in one response: an empty list is two bytes of JSON, and a hundred of memory."""
DEEPEST: Final = 32
"""Levels of nesting; the vendor's rows have four."""
LONGEST_NUMBER: Final = 400
"""Characters of one number."""
LONGEST_TEXT: Final = 4_000
"""Characters of one text."""
CUT: Final = " … (cut off: not all of it was read)"
"""Ends a text that was too long. With its "not", half a message is never taken for an acceptance."""


def read_json(content: bytes) -> object:
    """Read the JSON of a response.

    Raises:
        ExceededError: it has too many values, is nested too deep, or has a number that is too long.
        ValueError: it is not JSON.
    """
    if sum(content.count(mark) for mark in (b",", b"[", b"{")) > MOST_VALUES:
        raise ExceededError(f"has more than {MOST_VALUES:,} values")
    try:
        return _clean(json.loads(content, parse_int=_integer, parse_float=_number), DEEPEST)
    except RecursionError:
        raise _too_deep() from None


def _clean(value: object, levels: int) -> object:
    if isinstance(value, str):
        return _text(value)
    if not isinstance(value, dict | list):
        return value
    if not levels:
        raise _too_deep()
    if isinstance(value, list):
        return [_clean(each, levels - 1) for each in value]
    return {_text(name): _clean(each, levels - 1) for name, each in value.items()}


def _text(text: str) -> str:
    cut = f"{text[:LONGEST_TEXT]}{CUT}" if len(text) > LONGEST_TEXT else text
    return cut if cut.isprintable() else one_line(cut)


def _integer(digits: str) -> int:
    return int(_bounded(digits))


def _number(digits: str) -> float:
    return float(_bounded(digits))


def _bounded(digits: str) -> str:
    if len(digits) > LONGEST_NUMBER:
        raise ExceededError(f"has a number of more than {LONGEST_NUMBER} characters")
    return digits


def _too_deep() -> ExceededError:
    return ExceededError(f"is nested more than {DEEPEST} levels deep")
