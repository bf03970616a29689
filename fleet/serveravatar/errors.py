"""What can go wrong with a call, as typed errors without secrets."""

from typing import Any

from fleet.serveravatar.catalogue import Meaning


class ApiError(Exception):
    """A call that did not succeed.

    Attributes:
        call: what was called, in words: "create backup".
        meaning: what the response means (`fleet.serveravatar.catalogue`).
        message: the API's message, or what happened to the connection. Scrubbed of the token.
        status: the HTTP status; None without a response.
        retry_after: seconds to wait after a 429.
    """

    def __init__(
        self,
        call: str,
        meaning: Meaning,
        message: str,
        status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        self.call = call
        self.meaning = meaning
        self.message = message
        self.status = status
        self.retry_after = retry_after
        super().__init__(f"{message} ({call}{f', status {status}' if status else ''})")

    # Prefect pickles the exception of a failed task; the default would rebuild it from the text alone.
    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.call, self.meaning, self.message, self.status, self.retry_after)


class UnexpectedAnswerError(ApiError):
    """A 2xx whose body is not what the API documents: a captive portal, a wrong URL, a changed API."""

    def __init__(self, call: str, message: str, status: int = 200) -> None:
        super().__init__(call, Meaning.IN_DOUBT, message, status)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.call, self.message, self.status)


class ApiUnusableError(Exception):
    """This run cannot use the API at all: wrong token, wrong URL, no connection, a rate limit that does not end.

    Once it was raised for one request, no other request is sent.

    Attributes:
        reason: what is wrong and what to do, in one line.
        was_sent: whether the request that raised it was sent.
        in_doubt: whether that request may have been applied; otherwise the API refused it.
    """

    def __init__(self, reason: str, *, was_sent: bool = False, in_doubt: bool = False) -> None:
        self.reason = reason
        self.was_sent = was_sent
        self.in_doubt = in_doubt
        super().__init__(reason)
