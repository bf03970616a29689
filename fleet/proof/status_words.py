"""What a status word of a backup means: **a new status word belongs here**.

Only `Completed` is documented. No other word counts as success: an unknown one proves nothing, and the rest of the row
decides (`fleet.proof.completeness`). Words of failing or waiting are recognised by their stems, in any case and with
any separators.
"""

import re
from enum import StrEnum
from typing import Final


class StatusMeaning(StrEnum):
    """What a status word means."""

    DONE = "done"
    """The one documented word."""
    FAILURE = "failure"
    WAITING = "waiting"
    """The backup is running or queued, or only a part of it exists."""
    UNKNOWN = "unknown"
    """No word, or one that nobody knows."""


_DONE: Final = "completed"
_FAILURE: Final = re.compile(
    r"fail|err(or)?\b|error|cancel|abort|reject|denied|refus|kill|crash|corrupt|invalid|broken|unsuccess|unable|missing"
    r"|expired|deleted|removed|terminat|interrupt|stopped|time.?d? ?out|lost\b|not? (complete|success|finish|done)"
)
_NEGATED: Final = re.compile(r"\b(no|without|0|zero)( any)? (errors?|failures?)\b")
_WAITING: Final = re.compile(
    r"ing\b|pend|queue|progress|wait|schedul|partial|incomplete|unfinished|initial|started|new\b|created\b|hold\b|paused"
    r"|retry|\b(run|begun|open|active|soon|half|some)\b"
)


def meaning_of(status: str | None) -> StatusMeaning:
    """Decide what a status means."""
    word = normalized(status)
    if not word:
        return StatusMeaning.UNKNOWN
    if word == _DONE:
        return StatusMeaning.DONE
    if _FAILURE.search(_NEGATED.sub("", word)):
        return StatusMeaning.FAILURE
    return StatusMeaning.WAITING if _WAITING.search(word) else StatusMeaning.UNKNOWN


def normalized(status: str | None) -> str:
    """The words of a status alone: lower case, one space between them."""
    return " ".join(re.sub(r"[\W_]+", " ", (status or "").casefold()).split())
