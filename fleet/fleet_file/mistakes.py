"""What is wrong in a fleet file, one line per mistake: its place, what was given, what is allowed."""

import difflib
import reprlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

Location = tuple[int | str, ...]
"""A place in the fleet file: keys and positions from the top."""


def place(location: Location) -> str:
    """A location as people write it: `servers[3].backups[0].schedule`; empty for the file as a whole."""
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


NOT_GIVEN: Final = object()
"""Stands for a value that is not in the file."""

_short = reprlib.Repr()
_short.maxstring = _short.maxother = 60
_short.maxlevel = 2

_PROBLEMS: Final = {
    "missing": "is required",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "string_type": "must be text",
    "string_too_short": "must not be empty",
    "list_type": "must be a list",
    "too_short": "must have at least one entry",
    "model_type": "must be a mapping of keys to values",
    "dict_type": "must be a mapping of keys to values",
}
"""pydantic's kinds of error in this product's words; for all other kinds pydantic's message is shown."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake in the fleet file.

    Attributes:
        location: its place; empty for the file as a whole.
        problem: what is wrong and what is allowed.
        given: what was found there, or `NOT_GIVEN`.
        kind: pydantic's type of the error, or this product's own; empty if it is not needed.
    """

    location: Location
    problem: str
    given: object = NOT_GIVEN
    kind: str = ""

    def __str__(self) -> str:
        given = "" if self.given is NOT_GIVEN else f" (given: {_short.repr(self.given)})"
        where = f"{place(self.location)}: " if self.location else ""
        return f"{where}{self.problem}{given}"


class FleetFileError(ValueError):
    """A fleet file that cannot be used. Nothing was sent.

    Attributes:
        mistakes: all of them, in the order of the file.
    """

    def __init__(self, source: str, mistakes: Iterable[Mistake]) -> None:
        self.source = source
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(f"{source}: {mistake}" for mistake in self.mistakes))

    # Prefect pickles the exception of a failed run; the default would rebuild it from the text alone.
    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.source, self.mistakes)


def from_validation(error: ValidationError, known_keys: Iterable[str], prefix: Location = ()) -> list[Mistake]:
    """Translate pydantic's errors.

    Args:
        error: what pydantic found.
        known_keys: the keys to suggest for an unknown one.
        prefix: the place of the validated value in the file.
    """
    keys = list(known_keys)
    return [_from_detail(detail, keys, prefix) for detail in error.errors(include_url=False)]


def _from_detail(detail: ErrorDetails, known_keys: list[str], prefix: Location) -> Mistake:
    kind, location = detail["type"], (*prefix, *detail["loc"])
    given = NOT_GIVEN if kind == "missing" or detail["input"] is None else detail["input"]
    if kind == "extra_forbidden":
        close = difflib.get_close_matches(str(location[-1]), known_keys, n=1)
        return Mistake(location, "unknown key" + (f"; did you mean {close[0]!r}?" if close else ""))
    if kind == "literal_error":
        allowed = str(detail["ctx"]["expected"]).replace(" or ", ", ").replace("'", "")
        return Mistake(location, f"must be one of: {allowed}", given)
    return Mistake(location, _PROBLEMS.get(kind, detail["msg"]), given, kind)
