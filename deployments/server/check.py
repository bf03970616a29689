"""Checks that the user's Prefect server can be used."""

from http import HTTPStatus
from typing import Final

from prefect.client.orchestration import get_client
from prefect.exceptions import PrefectHTTPStatusError

REFUSED: Final = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


class PrefectServerError(RuntimeError):
    """The user's Prefect server cannot be used. One line: why, and what to do."""


async def check_server() -> None:
    """Check that the Prefect server responds and accepts us.

    Its health check needs no password, so its version is requested, too, which does.

    Raises:
        PrefectServerError: it does not.
    """
    async with get_client() as client:
        server = f"the Prefect server at {client.api_url}"
        problem = await client.api_healthcheck()
        if problem is not None:
            raise PrefectServerError(f"{server} does not respond ({type(problem).__name__}); is it running?")
        try:
            await client.api_version()
        except PrefectHTTPStatusError as error:
            if error.response.status_code not in REFUSED:
                raise
            raise refusal(str(client.api_url)) from None


def refusal(server: str) -> PrefectServerError:
    """The error of a server that wants another password.

    Args:
        server: the URL of its API.
    """
    wanted = "PREFECT_API_AUTH_STRING must equal its PREFECT_SERVER_API_AUTH_STRING"
    return PrefectServerError(f"the Prefect server at {server} refuses access: {wanted}")
