"""What a message plainly means: that something was accepted, that the token is refused, that there is no such route.

Only a false acceptance is costly, so acceptance is narrow: any qualifying word in the message rules it out. Pure,
without the messages of the catalogue.
"""

import re
from typing import Final

_ACCEPTS: Final = re.compile(
    r"\b(?:accepted|begun|created|enqueued|initiated|launched|queued|scheduled|started|submitted|success"
    r"|success(?:ful(?:ly)?)|succeeded|triggered|updated)\b"
)
# A stem matches any ending (`fail`: failed, failure).
_QUALIFIED: Final = re.compile(
    r"n't\b|\b(?:0|zero|no|non|none|nor|not|nothing|never|neither|cannot|cant|without|but|however|unless|until|if|only"
    r"|could|would|should|must|try|again|already|exists?|wrong|sorry|full|error|errors)\b"
    r"|\b(?:abort|allow|cancel|delet|deni|deny|disabl|disconnect|exceed|except|expir|fail|forbid|in(?:active|complete"
    r"|correct|sufficient|valid|terrupt)|limit|lost|miss|permission|problem|quota|refus|reject|remov|requir|restor"
    r"|retr|revert|roll|skip|stop|tim(?:ed|e)[ -]?out|un(?:able|auth|avail|expect|fortun|known|paid|success|support)"
    r"|upgrad|warn)"
)

_WHAT: Final = r"(?:(?:api|access|auth(?:entication|ori[sz]ation)?|bearer)[ -]?)*(?:token|key)"
_STATE: Final = (
    r"(?:disabled|expired|inactive|incorrect|invalid|missing|not (?:found|provided|valid)|revoked|unknown|wrong)"
)
_STATES: Final = rf"{_STATE}(?: (?:and|or) {_STATE})*"
_TOKEN_REFUSED: Final = re.compile(
    r"(?:un(?:authenticated|authori[sz]ed)(?: (?:access|request|user))?"
    r"|(?:you are )?not authenticated|authentication (?:failed|(?:is )?required)"
    rf"|(?:an? |the |your )?{_STATES} {_WHAT}(?: (?:given|provided|supplied))?"
    rf"|(?:the |your )?{_WHAT} (?:has been |has |is |was )?{_STATES}"
    rf"|no {_WHAT}(?: (?:given|provided|supplied))?)"
)
_NO_ROUTE: Final = re.compile(r"\broute\b.*\bnot (?:be )?(?:defined|found)\b")


def _plain(message: str) -> str:
    return message.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").casefold()


def plainly_accepts(message: str) -> bool:
    """Whether a message means that something was accepted, with nothing that qualifies it."""
    words = _plain(message)
    return _ACCEPTS.search(words) is not None and _QUALIFIED.search(words) is None


def refuses_token(message: str) -> bool:
    """Whether a message means only that the token is refused; the token of a storage is not the API's."""
    sentences = [" ".join(sentence.split()) for sentence in re.split(r"[.!:;,]", _plain(message))]
    spoken = [sentence for sentence in sentences if sentence]
    return bool(spoken) and all(_TOKEN_REFUSED.fullmatch(sentence) for sentence in spoken)


def names_no_route(message: str) -> bool:
    """Whether a message means that the address is not the API's: its framework's words for an unknown route."""
    return _NO_ROUTE.search(_plain(message)) is not None
