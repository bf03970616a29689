"""What a response means: its status, its message, and what else it contains. Without I/O.

Text from the API is hostile until it is on one line, bounded, and without the token.
Source: the seed document for the create call; what is undocumented is decided here and in the catalogue (docs/seed.md
lists it).
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final, NamedTuple

from fleet.serveravatar.catalogue import Meaning, complaint_of, is_acceptance, is_success, meaning_of
from fleet.serveravatar.errors import ApiError, UnexpectedAnswerError
from fleet.serveravatar.text import one_line, shown_url
from fleet.serveravatar.untrusted.exceeded import ExceededError
from fleet.serveravatar.untrusted.values import LONGEST_TEXT, read_json
from fleet.serveravatar.wire import REPEATABLE, Call

LONGEST_MESSAGE: Final = 300
"""Characters of the API's message that are kept: nobody wants to read a debug page at 3 a.m."""
LONGEST_DETAILS: Final = 700
"""Characters kept of the errors by field in a 422."""
LONGEST_URL: Final = 200
"""Characters kept of a redirect's target."""
WRONG_URL: Final = "SERVERAVATAR_API_URL may be wrong"
_NO: Final = frozenset({"0", "false", "no"})
_FAILED: Final = frozenset({"error", "fail", "failed", "failure", "false"})

Scrubbed = Callable[[str], str]
"""Removes secrets from a text; applied before the text is cut, since half a token is a secret, too."""


class _Answer(NamedTuple):
    """One response: its JSON (None if it is not JSON), its message on one line, and the message as people see it."""

    status: int
    value: object
    message: str
    shown: str


def read_answer(call: Call, status: int, content: bytes, scrubbed: Scrubbed = str, location: str = "") -> Any:  # noqa: ANN401 - JSON of any shape
    """Turn a response into its JSON value.

    Args:
        call: what was called.
        status: the HTTP status.
        content: the body.
        scrubbed: removes secrets from the API's texts.
        location: target of a redirect.

    Raises:
        ApiError: it is not an acceptance, or has none of the requested data; `meaning` classifies it.
        UnexpectedAnswerError: a 2xx with neither the requested data nor a known message.
    """
    value = _json(call, status, content)
    message = _message(value)
    answer = _Answer(status, value, message, scrubbed(message)[:LONGEST_MESSAGE])
    if is_success(status):
        _check_success(call, answer)
        return value
    meaning = meaning_of(status, message)
    if meaning is Meaning.MOVED:
        place = scrubbed(shown_url(location))[:LONGEST_URL]
        raise ApiError(
            call, meaning, f"the API answered {status} and redirects {f'to {place}' if place else 'elsewhere'}", status
        )
    raise ApiError(call, meaning, _explained(answer, scrubbed), status)


def _json(call: Call, status: int, content: bytes) -> object:
    """The JSON of a response; None if there is none. What is no success needs none: its status decides."""
    try:
        return read_json(content)
    except ExceededError as error:
        if is_success(status):
            raise UnexpectedAnswerError(call, f"the API's response {error}", status) from None
    except ValueError:
        pass
    return None


def _message(value: object) -> str:
    """The API's message on one line; empty if the response is not in the API's form."""
    if not isinstance(value, dict):
        return ""
    message = value.get("message")
    if not message and isinstance(value.get("errors"), dict):
        return "the data was refused"
    return one_line(str(message)) if message else ""


def _explained(answer: _Answer, scrubbed: Scrubbed) -> str:
    """What people read about a response that is not a success."""
    value = answer.value if isinstance(answer.value, dict) else {}
    if not answer.message:
        error = value.get("error")
        detail = scrubbed(one_line(error))[:LONGEST_MESSAGE] if isinstance(error, str) else ""
        nothing = f"the API answered {answer.status} without a message{f' ({detail})' if detail else ''}"
        return f"{nothing}; {WRONG_URL}" if answer.status == HTTPStatus.NOT_FOUND else nothing
    errors = value.get("errors")
    if not isinstance(errors, dict) or not errors:
        return answer.shown
    details = "; ".join(f"{name}: {_first(texts)}" for name, texts in errors.items())
    return f"{answer.shown} [{scrubbed(one_line(details[:LONGEST_TEXT]))[:LONGEST_DETAILS]}]"


def _first(texts: object) -> str:
    return str(texts[0] if isinstance(texts, list) and texts else texts)


def _check_success(call: Call, answer: _Answer) -> None:
    """Check that a 2xx is a success.

    Raises:
        ApiError: it is not an acceptance, or has a known complaint instead of data.
        UnexpectedAnswerError: it is neither a success nor a known complaint.
    """
    if not isinstance(answer.value, dict | list):
        problem = f"the API answered {answer.status} with something that is not JSON; {WRONG_URL}"
        raise UnexpectedAnswerError(call, problem, answer.status)
    if call not in REPEATABLE:
        meaning = _of_writing(answer)
        if meaning is not Meaning.ACCEPTED:
            message = f": {answer.shown}" if answer.shown else " without a message"
            shown = answer.shown if meaning is Meaning.TOKEN_REFUSED else f"the API answered {answer.status}{message}"
            raise ApiError(call, meaning, shown, answer.status)
    elif not _has_data(answer):
        complaint = complaint_of(answer.message)
        if complaint is None:
            message = f": {answer.shown}" if answer.shown else " or a message"
            raise UnexpectedAnswerError(call, f"the API answered {answer.status} without data{message}", answer.status)
        raise ApiError(call, complaint, answer.shown, answer.status)


def _of_writing(answer: _Answer) -> Meaning:
    """Whether a call that writes was accepted: the message must confirm it, and no other field contradict it."""
    meaning = meaning_of(answer.status, answer.message)
    if meaning is not Meaning.ACCEPTED:
        return meaning
    value = answer.value
    if not isinstance(value, dict) or not isinstance(value.get("message"), str) or reports_failure(value):
        return Meaning.IN_DOUBT
    return Meaning.ACCEPTED


def _has_data(answer: _Answer) -> bool:
    """Whether a response may contain the requested data: a complaint is never an empty list."""
    value = answer.value
    if not isinstance(value, dict):
        return True
    if reports_failure(value):
        return False
    return not answer.message or _contains_data(value) or is_acceptance(answer.message)


def _contains_data(value: Mapping[str, object]) -> bool:
    if "data" in value:
        return _is_filled(value)
    return any(_is_filled(each) for each in value.values())


def _is_filled(value: object) -> bool:
    """Whether a part of a response is more than an empty list, an empty page or a remark."""
    if isinstance(value, dict) and "data" in value:
        value = value["data"]
    return isinstance(value, dict | list) and bool(value)


def reports_failure(value: Mapping[str, object]) -> bool:
    """Whether a response reports a failure beside its message: `{"success": false}` and the like."""
    if any(_word(value[name]) in _NO for name in ("success", "ok") if name in value):
        return True
    if _word(value.get("status")) in _FAILED or value.get("error") or value.get("errors"):
        return True
    codes = (value.get(name) for name in ("code", "status", "status_code", "statusCode"))
    return any(isinstance(code, int) and code >= HTTPStatus.BAD_REQUEST for code in codes)


def _word(value: object) -> str:
    return str(value).strip().casefold()
