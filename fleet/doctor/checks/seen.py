"""What was seen of an assumption."""

from dataclasses import dataclass
from enum import StrEnum


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
        words: what was seen, in counts and forms, without any value.
    """

    status: Status
    words: str


def as_assumed(words: str) -> Seen:
    """The API does what is assumed."""
    return Seen(Status.ASSUMED, words)


def differs(words: str) -> Seen:
    """The API does something else."""
    return Seen(Status.DIFFERS, words)


def unknown(words: str) -> Seen:
    """Nothing shows what the API does."""
    return Seen(Status.UNKNOWN, words)
