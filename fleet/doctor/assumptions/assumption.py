"""The form of an assumption."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from fleet.dialect.dialect import Dialect
from fleet.doctor.answers import Answers
from fleet.doctor.checks.seen import Seen

PROVE: Final = "`--prove APPLICATION` settles it with one real backup"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumption:
    """One thing that the product assumes of the API, or would.

    Attributes:
        name: a few words that never change: programs look for them.
        documented: what is documented, or that nothing is and what is assumed.
        source: where it is documented.
        look: finds it in the answers.
        follows: what follows if the API differs.
        open: what follows if it is unknown.
        recall: finds it in what earlier runs have seen; None if they do not see it.
    """

    name: str
    documented: str
    source: str
    look: Callable[[Answers], Seen]
    follows: str
    open: str = ""
    recall: Callable[[Dialect], Seen] | None = None


def in_dialect(check: Callable[[Dialect], Seen]) -> Callable[[Answers], Seen]:
    """Look for it in the dialect that is seen now."""
    return lambda answers: check(answers.now)
