"""What a refused server list means: a problem of one organization, or of the whole run. Pure.

A 403 concerns the organization as long as another one is accessible. If all of them refuse, it is the API key.
"""

from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

from fleet.serveravatar.answer import WRONG_URL
from fleet.serveravatar.catalogue import Meaning
from fleet.serveravatar.errors import ApiError, ApiUnusableError
from fleet.serveravatar.wording import names_no_route

_KEY_OR_RIGHTS: Final = (
    "the API key was revoked or replaced (check SERVERAVATAR_API_TOKEN), or its plan tier or permissions do not "
    "allow this"
)
_LONGEST: Final = 600
"""Characters of the messages of all refusals together."""


class Refusal(NamedTuple):
    """Why an organization cannot be used: the API's message, and whether access is forbidden rather than unknown."""

    words: str
    is_forbidden: bool


def refusal_of(error: ApiError, what: str) -> Refusal:
    """Read the error of a server list as the refusal of its organization.

    Args:
        error: of the list.
        what: what could not be listed, for people.

    Raises:
        ApiUnusableError: the error is not about the organization, so nothing is known of its servers.
    """
    if error.meaning not in (Meaning.REFUSED, Meaning.FORBIDDEN) or names_no_route(error.message):
        raise unlisted(error, what) from None
    return Refusal(error.message, error.meaning is Meaning.FORBIDDEN)


def unlisted(error: ApiError, what: str) -> ApiUnusableError:
    """The error to raise when a list that everything depends on cannot be read.

    Args:
        error: of the list.
        what: what could not be listed, for people.
    """
    problem = f"{what} could not be listed: {error}"
    if error.meaning is Meaning.FORBIDDEN:
        problem = f"{problem}; {_KEY_OR_RIGHTS}"
    elif names_no_route(error.message):
        problem = f"{problem}; {WRONG_URL}"
    return ApiUnusableError(problem)


def closed_everywhere(forbidden: Mapping[int, str], asked: Collection[int]) -> str:
    """Explain that the API key is refused, if every organization asked for forbids access.

    Args:
        forbidden: the API's message, by organization.
        asked: the organizations of the run.

    Returns:
        What is wrong and what to do, in one line; empty if an organization is accessible, or none is asked for.
    """
    if not asked or not set(asked) <= forbidden.keys():
        return ""
    words = "; ".join(dict.fromkeys(forbidden[number] for number in sorted(asked)))[:_LONGEST]
    return f"the API refuses every organization asked for: {words} (status 403); {_KEY_OR_RIGHTS}"


def check_access(forbidden: Mapping[int, str], asked: Collection[int]) -> None:
    """Make sure that at least one organization is accessible.

    Raises:
        ApiUnusableError: all that are asked for forbid access.
    """
    if problem := closed_everywhere(forbidden, asked):
        raise ApiUnusableError(problem)
