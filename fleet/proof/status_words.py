"""What a word of a backup's status speaks of. Only `Completed` is documented, and no other word is guessed to mean it.

So nothing here says that a word means success: one that is not known proves nothing, and the rest of the row decides.
"""

import re
from enum import StrEnum
from typing import Final


class Speech(StrEnum):
    """What a word speaks of."""

    DONE = "done"
    """The one documented word."""
    FAILURE = "failure"
    WAITING = "waiting"
    """It is on its way, or only a part of it is there."""
    NOTHING = "nothing"
    """No word, or one that nobody knows."""


_FAILURE: Final = re.compile(
    r"fail|err(or)?\b|error|cancel|abort|reject|denied|refus|kill|crash|corrupt|invalid|broken|unsuccess|unable|missing"
    r"|expired|deleted|removed|terminat|interrupt|stopped|time.?d? ?out|lost\b|not? (complete|success|finish|done)"
)
_NEGATED: Final = re.compile(r"\b(no|without|0|zero)( any)? (errors?|failures?)\b")
_WAITING: Final = re.compile(
    r"ing\b|pend|queue|progress|wait|schedul|partial|incomplete|unfinished|initial|started|new\b|created\b|hold\b|paused"
    r"|retry|\b(run|begun|open|active|soon|half|some)\b"
)


def speech_of(status: str | None) -> Speech:
    """Decide what a status speaks of, in whatever case and with whatever separators."""
    word = folded(status)
    if not word:
        return Speech.NOTHING
    if word == "completed":
        return Speech.DONE
    if _FAILURE.search(_NEGATED.sub("", word)):
        return Speech.FAILURE
    return Speech.WAITING if _WAITING.search(word) else Speech.NOTHING


def folded(status: str | None) -> str:
    """A status with only its words left: lower case, one space between them."""
    return " ".join(re.sub(r"[\W_]+", " ", (status or "").casefold()).split())
