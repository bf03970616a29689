"""What the API's answers mean: one table, one function, the heart of the product.

The API answers 500 for bad input, for a full disk and for passing faults alike; only the last may be retried.
Sources: the seed document ("seed") and the vendor's other pages ("api", docs/serveravatar-api.md where they differ).
"""

from enum import StrEnum
from http import HTTPStatus
from typing import Final, NamedTuple


class Meaning(StrEnum):
    """What one answer, or its absence, means for the request."""

    ACCEPTED = "accepted"
    """200: taken on. Not done."""
    TOKEN_REFUSED = "token refused"  # noqa: S105 - no password
    """The token is wrong or may not do this: no other request will fare better."""
    REFUSED = "refused"
    """Refused for ever: the same request will be refused again."""
    REFUSED_FOR_NOW = "refused for now"
    """Refused for a state of the server that passes, but not within this run."""
    RATE_LIMITED = "rate limited"
    """Not applied; to be sent again when the API says so. No failed attempt."""
    UNAVAILABLE = "unavailable"
    """The connection was never made, or the API said that it is down: nothing was applied."""
    GATEWAY = "gateway"
    """A gateway answered in the API's place: probably not applied."""
    IN_DOUBT = "in doubt"
    """Nobody knows whether it was applied."""


class Row(NamedTuple):
    """One known message: the statuses it is documented with, what it means, where that is written."""

    message: str
    statuses: tuple[int, ...]
    meaning: Meaning
    source: str


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
_BY_STATUS: Final = {
    401: Meaning.TOKEN_REFUSED,
    403: Meaning.TOKEN_REFUSED,
    408: Meaning.IN_DOUBT,
    429: Meaning.RATE_LIMITED,
    502: Meaning.GATEWAY,
    503: Meaning.UNAVAILABLE,
    504: Meaning.GATEWAY,
}


def meaning_of(status: int, message: str) -> Meaning:
    """Decide what an answer means, by its status and its message.

    Args:
        status: the HTTP status.
        message: the `message` of the body; empty where there is none.

    Returns:
        The meaning. Only a 500 is decided by its message; one that is not in the catalogue is in doubt.
    """
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Meaning.ACCEPTED
    if status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return Meaning.REFUSED
    if status > HTTPStatus.INTERNAL_SERVER_ERROR:
        return Meaning.IN_DOUBT
    if "disk space" in message.casefold():
        return Meaning.REFUSED_FOR_NOW
    known = _KNOWN.get(normalized(message), Meaning.IN_DOUBT)
    return Meaning.IN_DOUBT if known is Meaning.ACCEPTED else known
