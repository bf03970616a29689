"""The form of an assumption, and of what was seen of it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from fleet.dialect.dialect import Dialect
from fleet.doctor.answers import Answers


class Status(StrEnum):
    """How what was seen compares with what is assumed."""

    DIFFERS = "differs"
    UNKNOWN = "unknown"
    ASSUMED = "as assumed"


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of an assumption.

    Attributes:
        status: how it compares.
        words: what was seen, in counts and forms.
    """

    status: Status
    words: str


def as_assumed(words: str) -> Seen:
    """It is as assumed."""
    return Seen(Status.ASSUMED, words)


def differs(words: str) -> Seen:
    """It is otherwise."""
    return Seen(Status.DIFFERS, words)


def unknown(words: str) -> Seen:
    """Nothing shows how it is."""
    return Seen(Status.UNKNOWN, words)


@dataclass(frozen=True, slots=True)
class Assumption:
    """One thing that the product takes for granted, or would.

    Attributes:
        name: a few words, the same for ever: programs look for them.
        documented: what is written of it, or that nothing is.
        source: where.
        look: finds it in the answers.
        follows: what it means where it differs.
        open: what it means where it is not known.
        recall: finds it in what earlier runs have seen; None where they do not see it.
    """

    name: str
    documented: str
    source: str
    look: Callable[[Answers], Seen]
    follows: str
    open: str = ""
    recall: Callable[[Dialect], Seen] | None = None
