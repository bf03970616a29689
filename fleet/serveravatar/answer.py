"""What an answer is worth: its status, its message, and what it says beside them. Without I/O.

What comes from the API is hostile until it is on one line, bounded, and without the token.
Source: the seed document for the create call; what is not documented is decided here and in the catalogue
(docs/seed.md lists it).
"""

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final, NamedTuple

from fleet.serveravatar.catalogue import Meaning, complaint_of, is_acceptance, is_success, meaning_of
from fleet.serveravatar.errors import ApiError, UnexpectedAnswerError
from fleet.serveravatar.text import one_line, shown_url
from fleet.serveravatar.wire import REPEATABLE, Call

LONGEST_MESSAGE: Final = 300
"""Characters of the API's own message that are kept: a debug page is no reason to read at 3 a.m."""
LONGEST_DETAILS: Final = 700
"""Characters that are kept of the errors by field which a 422 adds."""
LONGEST_URL: Final = 200
"""Characters that are kept of where a redirect points to."""
WRONG_URL: Final = "SERVERAVATAR_API_URL may be wrong"
_NO: Final = frozenset({"0", "false", "no"})
_FAILED: Final = frozenset({"error", "fail", "failed", "failure", "false"})

Scrubbed = Callable[[str], str]
"""Takes secrets out of a text; before it is cut, since half a token is one, too."""


class _Answer(NamedTuple):
    """One answer: its JSON (None where it holds none), its message on one line, and that as people are shown it."""

    status: int
    value: object
    message: str
    shown: str


def read_answer(call: Call, status: int, content: bytes, scrubbed: Scrubbed = str, location: str = "") -> Any:  # noqa: ANN401 - JSON of any shape
    """Turn an answer into its JSON value.

    Args:
        call: what was called.
        status: the HTTP status.
        content: the body.
        scrubbed: takes secrets out of the API's words.
        location: where a redirect points to.

    Raises:
        ApiError: the answer is no acceptance, or does not hold what was asked for; `meaning` says what it is.
        UnexpectedAnswerError: a 2xx that holds neither what was asked for nor a message that is known.
    """
    value = _json(content)
    message = _message(value)
    answer = _Answer(status, value, message, scrubbed(message)[:LONGEST_MESSAGE])
    if is_success(status):
        _check_success(call, answer)
        return value
    meaning = meaning_of(status, message)
    if meaning is Meaning.MOVED:
        place = scrubbed(shown_url(location))[:LONGEST_URL]
        raise ApiError(
            call, meaning, f"the API answered {status} and points {f'to {place}' if place else 'elsewhere'}", status
        )
    raise ApiError(call, meaning, _explained(answer, scrubbed), status)


def _json(content: bytes) -> object:
    try:
        value: object = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return value


def _message(value: object) -> str:
    """The API's own message, on one line; empty where the answer is not in the API's form."""
    if not isinstance(value, dict):
        return ""
    message = value.get("message")
    if not message and isinstance(value.get("errors"), dict):
        return "the data was refused"
    return one_line(str(message)) if message else ""


def _explained(answer: _Answer, scrubbed: Scrubbed) -> str:
    """What people are told of an answer that is no success."""
    value = answer.value if isinstance(answer.value, dict) else {}
    if not answer.message:
        error = value.get("error")
        said = scrubbed(one_line(error))[:LONGEST_MESSAGE] if isinstance(error, str) else ""
        nothing = f"the API answered {answer.status} without a message{f' ({said})' if said else ''}"
        return f"{nothing}; {WRONG_URL}" if answer.status == HTTPStatus.NOT_FOUND else nothing
    errors = value.get("errors")
    if not isinstance(errors, dict) or not errors:
        return answer.shown
    details = "; ".join(f"{name}: {_first(texts)}" for name, texts in errors.items())
    return f"{answer.shown} [{scrubbed(one_line(details))[:LONGEST_DETAILS]}]"


def _first(texts: object) -> str:
    return str(texts[0] if isinstance(texts, list) and texts else texts)


def _check_success(call: Call, answer: _Answer) -> None:
    """Take a 2xx for what it says.

    Raises:
        ApiError: it is no acceptance, or brings a known complaint in place of data.
        UnexpectedAnswerError: it is nothing that is known.
    """
    if not isinstance(answer.value, dict | list):
        problem = f"the API answered {answer.status} with something that is not JSON; {WRONG_URL}"
        raise UnexpectedAnswerError(call, problem, answer.status)
    if call not in REPEATABLE:
        meaning = _of_writing(answer)
        if meaning is not Meaning.ACCEPTED:
            said = f": {answer.shown}" if answer.shown else " without a message"
            told = answer.shown if meaning is Meaning.TOKEN_REFUSED else f"the API answered {answer.status}{said}"
            raise ApiError(call, meaning, told, answer.status)
    elif not _brings_data(answer):
        complaint = complaint_of(answer.message)
        if complaint is None:
            said = f": {answer.shown}" if answer.shown else " or a message"
            raise UnexpectedAnswerError(call, f"the API answered {answer.status} without data{said}", answer.status)
        raise ApiError(call, complaint, answer.shown, answer.status)


def _of_writing(answer: _Answer) -> Meaning:
    """Whether a call that writes was accepted: the message must say so, and nothing beside it the opposite."""
    meaning = meaning_of(answer.status, answer.message)
    if meaning is not Meaning.ACCEPTED:
        return meaning
    value = answer.value
    if not isinstance(value, dict) or not isinstance(value.get("message"), str) or says_it_failed(value):
        return Meaning.IN_DOUBT
    return Meaning.ACCEPTED


def _brings_data(answer: _Answer) -> bool:
    """Whether a reading call was given what it may have asked for: a complaint is never an empty list."""
    value = answer.value
    if not isinstance(value, dict):
        return True
    if says_it_failed(value):
        return False
    return not answer.message or _holds_data(value) or is_acceptance(answer.message)


def _holds_data(value: Mapping[str, object]) -> bool:
    if "data" in value:
        return _is_filled(value)
    return any(_is_filled(each) for each in value.values())


def _is_filled(value: object) -> bool:
    """Whether a part of an answer is more than an empty list, an empty page or a remark."""
    if isinstance(value, dict) and "data" in value:
        value = value["data"]
    return isinstance(value, dict | list) and bool(value)


def says_it_failed(value: Mapping[str, object]) -> bool:
    """Whether an answer says, beside its message, that it is no success: `{"success": false}` and its kin."""
    if any(_word(value[name]) in _NO for name in ("success", "ok") if name in value):
        return True
    if _word(value.get("status")) in _FAILED or value.get("error") or value.get("errors"):
        return True
    codes = (value.get(name) for name in ("code", "status", "status_code", "statusCode"))
    return any(isinstance(code, int) and code >= HTTPStatus.BAD_REQUEST for code in codes)


def _word(value: object) -> str:
    return str(value).strip().casefold()
