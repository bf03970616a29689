"""What it means that an organization's list of servers is refused: for its targets alone, or for the whole run. Pure.

A 403 is about the organization, as long as another one answers. Where every one is closed, it is the API key.
"""

from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

from fleet.serveravatar.answer import WRONG_URL
from fleet.serveravatar.catalogue import Meaning
from fleet.serveravatar.errors import ApiError, ApiUnusableError
from fleet.serveravatar.wording import names_no_route

_KEY_OR_RIGHTS: Final = (
    "either the API key was revoked or replaced (check SERVERAVATAR_API_TOKEN), or its plan tier or rights do not "
    "cover this"
)
_LONGEST: Final = 600
"""Characters of the words of all refusals together."""


class Refusal(NamedTuple):
    """Why an organization cannot be used: in the API's words, and whether it is closed to us rather than unknown."""

    words: str
    is_forbidden: bool


def refusal_of(error: ApiError, what: str) -> Refusal:
    """Read the error of a list of servers as the refusal of its organization.

    Args:
        error: of the list.
        what: could not be listed, for people.

    Raises:
        ApiUnusableError: it says nothing about the organization, so nothing is known of its servers.
    """
    if error.meaning not in (Meaning.REFUSED, Meaning.FORBIDDEN) or names_no_route(error.message):
        raise unlisted(error, what) from None
    return Refusal(error.message, error.meaning is Meaning.FORBIDDEN)


def unlisted(error: ApiError, what: str) -> ApiUnusableError:
    """What to raise when a list that everything hangs on cannot be read.

    Args:
        error: of the list.
        what: could not be listed, for people.
    """
    problem = f"{what} could not be listed: {error}"
    if error.meaning is Meaning.FORBIDDEN:
        problem = f"{problem}; {_KEY_OR_RIGHTS}"
    elif names_no_route(error.message):
        problem = f"{problem}; {WRONG_URL}"
    return ApiUnusableError(problem)


def closed_everywhere(forbidden: Mapping[int, str], asked: Collection[int]) -> str:
    """Say that the API key is refused, where every organization that is asked for is closed to it.

    Args:
        forbidden: the API's words, by organization.
        asked: the organizations that a run is about.

    Returns:
        What is wrong and what to do, in one line; empty where an organization is open, or none is asked for.
    """
    if not asked or not set(asked) <= forbidden.keys():
        return ""
    words = "; ".join(dict.fromkeys(forbidden[number] for number in sorted(asked)))[:_LONGEST]
    return f"the API refuses every organization asked for: {words} (status 403); {_KEY_OR_RIGHTS}"


def check_access(forbidden: Mapping[int, str], asked: Collection[int]) -> None:
    """Make sure that an organization is open.

    Raises:
        ApiUnusableError: all that are asked for are closed.
    """
    if problem := closed_everywhere(forbidden, asked):
        raise ApiUnusableError(problem)
