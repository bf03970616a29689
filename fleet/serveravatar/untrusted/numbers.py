"""Whole numbers of bounded length: a number of thousands of digits is none of an id, a count or a time."""

from typing import Final

MOST_DIGITS: Final = 18
"""What fits into 64 bits, in every database."""
HIGHEST: Final = 10**MOST_DIGITS - 1


def whole(text: str | None) -> int | None:
    """Read a whole number that is not negative; None if it is none, or too long."""
    digits = text.strip() if text else ""
    return int(digits) if digits.isdecimal() and len(digits) <= MOST_DIGITS else None
