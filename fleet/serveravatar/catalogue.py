"""What the API's answers mean: one table, one function, the heart of the product.

The API answers 500 for bad input, for a full disk and for passing faults alike; only the last may be retried.
Sources: the seed document ("seed") and the vendor's other pages ("api"); what neither says is "undocumented", and our
decision: "not applied" is only what proves it.
"""

from collections.abc import Collection
from enum import StrEnum
from http import HTTPStatus
from typing import Final, NamedTuple

from fleet.serveravatar.wording import plainly_accepts, refuses_token


class Meaning(StrEnum):
    """What one answer, or its absence, means for the request."""

    ACCEPTED = "accepted"
    """Taken on, in the words of an acceptance. Not done."""
    TOKEN_REFUSED = "token refused"  # noqa: S105 - no password
    """The token is refused: no other request will fare better."""
    FORBIDDEN = "forbidden"
    """Not for this request, server or organization, whatever the reason; others may fare better."""
    REFUSED = "refused"
    """Refused for ever: the same request will be refused again."""
    REFUSED_FOR_NOW = "refused for now"
    """Refused for a state of the server that passes, but not within this run."""
    RATE_LIMITED = "rate limited"
    """Not applied; to be sent again when the API says so. No failed attempt."""
    UNAVAILABLE = "unavailable"
    """The connection was never made: nothing was applied."""
    GATEWAY = "gateway"
    """Something answered in the API's place, or for it while it is down: nobody knows whether it was applied."""
    MOVED = "moved"
    """The address is not the API's. It proves nothing of what was sent."""
    IN_DOUBT = "in doubt"
    """Nobody knows whether it was applied."""


REFUSALS: Final = frozenset({Meaning.FORBIDDEN, Meaning.REFUSED, Meaning.REFUSED_FOR_NOW})
"""The API has decided about this request, and has not applied it."""
PROVES_NOTHING: Final = frozenset({Meaning.GATEWAY, Meaning.MOVED, Meaning.IN_DOUBT})
"""A call that writes may have been applied: look, before anything is sent again."""


class Row(NamedTuple):
    """One known message: the statuses it is documented with, what it means, where that is written."""

    message: str
    statuses: tuple[int, ...]
    meaning: Meaning
    source: str


class StatusRow(NamedTuple):
    """What statuses mean whatever the message, where that is decided; `of_the_api`: only with a message, or without."""

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
"""The first row that fits decides. None fits a 2xx and a 500 with a message: their messages decide."""


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
    """Fold what the API writes in more than one way: case, spaces, and the mark at the end (`!` or `.`)."""
    return " ".join(message.split()).rstrip("!. ").casefold()


_KNOWN: Final = {normalized(row.message): row.meaning for row in CATALOGUE}
_DECIDES_A_500: Final = frozenset({Meaning.REFUSED, Meaning.REFUSED_FOR_NOW, Meaning.IN_DOUBT})


def meaning_of(status: int, message: str) -> Meaning:
    """Decide what an answer to a call that writes means, by its status and its message.

    A reading call that succeeds is decided by what it holds (`fleet.serveravatar.answer`), else the same is true of it.

    Args:
        status: the HTTP status.
        message: the `message` of the body; empty where there is none, so that the answer is not in the API's form.

    Returns:
        The meaning. "Not applied" is only what proves it; what is not known is in doubt.
    """
    for row in STATUSES:
        if status in row.statuses and row.of_the_api in (None, bool(message)):
            return row.meaning
    if is_success(status):
        return _of_success(message)
    return _of_500(message) if status == HTTPStatus.INTERNAL_SERVER_ERROR else Meaning.IN_DOUBT


def is_success(status: int) -> bool:
    """Whether a status is a 2xx: what it is worth, its message says."""
    return HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES


def is_acceptance(message: str) -> bool:
    """Whether a message is a known acceptance, or plainly says the same."""
    return _KNOWN.get(normalized(message)) is Meaning.ACCEPTED or plainly_accepts(message)


def complaint_of(message: str) -> Meaning | None:
    """Decide what the message of a reading call means that has succeeded and brought no data; None: nobody knows."""
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
