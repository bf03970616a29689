"""What the API's responses mean: one table, one function, the heart of the product.

The API answers 500 for bad input, a full disk and transient faults alike; only the last may be retried.
Sources: the seed document ("seed") and the vendor's other pages ("api"); what is in neither is "undocumented" and our
decision: "not applied" needs proof.
"""

from collections.abc import Collection
from enum import StrEnum
from http import HTTPStatus
from typing import Final, NamedTuple

from fleet.serveravatar.wording import plainly_accepts, refuses_token


class Meaning(StrEnum):
    """What a response, or its absence, means for the request."""

    ACCEPTED = "accepted"
    """Accepted, in the words of an acceptance. Not done yet."""
    TOKEN_REFUSED = "token refused"  # noqa: S105 - no password
    """The token is refused: every other request will be refused, too."""
    FORBIDDEN = "forbidden"
    """Refused for this request, server or organization, whatever the reason; others may be accepted."""
    REFUSED = "refused"
    """Refused permanently: the same request will be refused again."""
    REFUSED_FOR_NOW = "refused for now"
    """Refused because of the server's state, which may change, but not within this run."""
    RATE_LIMITED = "rate limited"
    """Not applied; to be retried when the API allows it. Not a failed attempt."""
    UNAVAILABLE = "unavailable"
    """The connection was never made: nothing was applied."""
    GATEWAY = "gateway"
    """A gateway answered instead of the API: the request may have been applied."""
    MOVED = "moved"
    """The address is not the API's. The request may have been applied all the same."""
    IN_DOUBT = "in doubt"
    """It is unknown whether the request was applied."""


REFUSALS: Final = frozenset({Meaning.FORBIDDEN, Meaning.REFUSED, Meaning.REFUSED_FOR_NOW})
"""The API has decided about this request and not applied it."""
PROVES_NOTHING: Final = frozenset({Meaning.GATEWAY, Meaning.MOVED, Meaning.IN_DOUBT})
"""A call that writes may have been applied: look before anything is resent."""


class Row(NamedTuple):
    """One known message: the statuses it is documented with, its meaning, and the source."""

    message: str
    statuses: tuple[int, ...]
    meaning: Meaning
    source: str


class StatusRow(NamedTuple):
    """What statuses mean whatever the message, and the source; `of_the_api`: only with a message, or only without."""

    statuses: Collection[int]
    meaning: Meaning
    source: str
    of_the_api: bool | None = None


STATUSES: Final[tuple[StatusRow, ...]] = (
    StatusRow((401,), Meaning.TOKEN_REFUSED, "api: 401"),
    StatusRow((408, 425), Meaning.IN_DOUBT, "undocumented: whether it comes before the work"),
    StatusRow((429,), Meaning.RATE_LIMITED, "api: 429; undocumented: whether it has JSON, headers or a body"),
    StatusRow((502, 503, 504), Meaning.GATEWAY, "api: 503; undocumented: whether it comes before the work"),
    StatusRow(range(300, 400), Meaning.MOVED, "undocumented: no call redirects, so the URL is wrong"),
    StatusRow(range(400, 600), Meaning.GATEWAY, "api: every error has a message; undocumented: one without", False),
    StatusRow((403,), Meaning.FORBIDDEN, "api: 403; undocumented: what it is about", True),
    StatusRow(range(400, 500), Meaning.REFUSED, "api: 404, 405, 422; undocumented: the others", True),
)
"""The first matching row decides. None matches a 2xx or a 500 with a message: their messages decide."""


CATALOGUE: Final[tuple[Row, ...]] = (
    Row("Backup plan created successfully.", (200,), Meaning.ACCEPTED, "seed: Automatic Backup Create"),
    Row("Backup Process has been started successfully!", (200,), Meaning.ACCEPTED, "seed: Instant Backup"),
    Row("Organization not found!", (404,), Meaning.REFUSED, "seed: Organization Not Found"),
    Row("Application not found!", (404,), Meaning.REFUSED, "seed: Application Not Found"),
    Row("Cloud storage Provider not found!", (404,), Meaning.REFUSED, "seed: Cloud Storage Provider Not Found"),
    Row("Database not found!", (404,), Meaning.REFUSED, "seed: Database Not Found"),
    Row("Server not found!", (404,), Meaning.REFUSED, "seed: Server Not Found"),
    Row("Invalid schedule!", (500,), Meaning.REFUSED, "seed: Invalid Schedule"),
    Row("Start from choose future date!", (500,), Meaning.REFUSED, "seed: Choose Future Start Date"),
    Row("Invalid retention period!", (500,), Meaning.REFUSED, "seed: Invalid Retention Period"),
    Row(
        "Instant Backup is failed because you do not have enough disk space available on your server.",
        (500,),
        Meaning.REFUSED_FOR_NOW,
        "seed: Instant Backup Failed",
    ),
    Row("Something went really wrong!", (500,), Meaning.IN_DOUBT, "seed: Server Error"),
    Row("Unauthenticated.", (401, 200), Meaning.TOKEN_REFUSED, "api: 401; undocumented: that a 200 may say it"),
    Row("This action is unauthorized.", (403,), Meaning.FORBIDDEN, "api: 403; undocumented: what it is about"),
    Row("Service Unavailable", (503,), Meaning.GATEWAY, "api: 503; undocumented: whether it comes before the work"),
    Row("Something went wrong.", (500,), Meaning.IN_DOUBT, "api: update a plan"),
    Row("Backup plan updated successfully.", (200,), Meaning.ACCEPTED, "api: update a plan"),
    Row("Cloud storage provider not found.", (404,), Meaning.REFUSED, "api: update a plan"),
    Row("Backup schedule not found.", (404,), Meaning.REFUSED, "api: update a plan"),
    Row("Your server is not connected.", (500,), Meaning.REFUSED_FOR_NOW, "api: restore on another server"),
    Row("You can not perform this action!", (500,), Meaning.REFUSED, "api: delete backups"),
    Row("Backup not completed.", (500,), Meaning.REFUSED_FOR_NOW, "api: delete backups"),
)


def normalized(message: str) -> str:
    """Fold what varies in the API's messages: case, spaces, and the mark at the end (`!` or `.`)."""
    return " ".join(message.split()).rstrip("!. ").casefold()


_KNOWN: Final = {normalized(row.message): row.meaning for row in CATALOGUE}
_DECIDES_A_500: Final = frozenset({Meaning.REFUSED, Meaning.REFUSED_FOR_NOW, Meaning.IN_DOUBT})


def meaning_of(status: int, message: str) -> Meaning:
    """Decide what a response to a call that writes means, by its status and its message.

    The same is true of a reading call, unless it succeeds: then its content decides (`fleet.serveravatar.answer`).

    Args:
        status: the HTTP status.
        message: the `message` of the body; empty if it has none and so is not in the API's form.

    Returns:
        The meaning. "Not applied" needs proof; whatever is unknown is in doubt.
    """
    for row in STATUSES:
        if status in row.statuses and row.of_the_api in (None, bool(message)):
            return row.meaning
    if is_success(status):
        return _of_success(message)
    return _of_500(message) if status == HTTPStatus.INTERNAL_SERVER_ERROR else Meaning.IN_DOUBT


def is_success(status: int) -> bool:
    """Whether a status is a 2xx; whether it is a success, the message decides."""
    return HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES


def is_acceptance(message: str) -> bool:
    """Whether a message is a known acceptance, or plainly means the same."""
    return _KNOWN.get(normalized(message)) is Meaning.ACCEPTED or plainly_accepts(message)


def complaint_of(message: str) -> Meaning | None:
    """Decide what the message of a 2xx without data to a reading call means; None: unknown."""
    if refuses_token(message):
        return Meaning.TOKEN_REFUSED
    known = _KNOWN.get(normalized(message))
    return None if known is Meaning.ACCEPTED else known


def _of_success(message: str) -> Meaning:
    if refuses_token(message):
        return Meaning.TOKEN_REFUSED
    return Meaning.ACCEPTED if is_acceptance(message) else Meaning.IN_DOUBT


def _of_500(message: str) -> Meaning:
    if "disk space" in message.casefold():
        return Meaning.REFUSED_FOR_NOW
    known = _KNOWN.get(normalized(message), Meaning.IN_DOUBT)
    return known if known in _DECIDES_A_500 else Meaning.IN_DOUBT
